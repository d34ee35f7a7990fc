import assert from 'node:assert/strict'
import { makePerson, REGISTRATIONS, registrationOf } from '../../kit/doors.ts'
import { send } from '../../kit/wire.ts'
import { defended, type Hole } from '../hole.ts'
import { onApp, signUp } from '../scene.ts'

const ADA = { ...makePerson('bigbird'), email: 'bigbird@bücher.example' }
const TWINS = ['BIGBIRD', 'ᴮᴵᴳᴮᴵᴿᴰ', 'ｂｉｇｂｉｒｄ', 'bigbi\u{1d42b}d', 'BigBird']
const TWIN_ADDRESSES = ['BIGBIRD@BÜCHER.example', 'bigbird@xn--bcher-kva.example', 'bigbird@bu\u0308cher.example']

export const unicodeTwins: Hole = {
  name: 'Creative usernames (Spotify, 2013)',
  happened:
    'Names were brought into one form by a function that was not stable: `ᴮᴵᴳᴮᴵᴿᴰ` could be registered besides `bigbird`, and its reset changed the other’s password.',
  stands:
    'One normaliser (NFKC, full case folding, NFKC; the domain as A-labels) is asked everywhere, and a unique index holds what it gives.',
  guards: [
    {
      file: 'core/identifier.ts',
      find: "  const folded = foldCase(text.normalize('NFKC')).normalize('NFKC')\n",
      replace: '  const folded = foldCase(text)\n',
    },
  ],
  attack: () =>
    onApp(async (test) => {
      await signUp(test, ADA)
      const [door] = REGISTRATIONS
      assert.ok(door)
      const asName = TWINS.map((username, index) => ({ ...makePerson(`name-${index}`), username }))
      const asAddress = TWIN_ADDRESSES.map((email, index) => ({ ...makePerson(`address-${index}`), email }))
      for (const twin of [...asName, ...asAddress]) {
        await send(test, registrationOf(door, twin))
        const accounts = await test.core.administration.listAccounts({ after: 0, limit: 10 })
        defended(accounts.length === 1, `${twin.username}, ${twin.email} is another than ${ADA.username}`)
      }
      for (const name of [...TWINS, ...TWIN_ADDRESSES]) {
        const found = await test.core.administration.findAccount(name)
        defended(found?.email === ADA.email, `${name} is not found as the one account it can be`)
      }
    }),
}
