import assert from 'node:assert/strict'
import { makePerson } from '../../kit/doors.ts'
import { defended, type Hole } from '../hole.ts'
import { onApp, post, signUp, WITH_MAIL } from '../scene.ts'

const MIKE = { ...makePerson('mike'), email: 'mike@city.example' }
/** With a dotless i, in the name or in the domain: mailboxes that an attacker can have. */
const LOOK_ALIKES = ['mıke@city.example', 'mike@cıty.example', 'MIKE@CıTY.example']

export const djangoLookAlikeReset: Hole = {
  name: 'CVE-2019-19844, Django',
  happened:
    'A reset was asked for an address that is the victim’s once its letters are folded by other rules than the mail’s (`mıke`), and the letter with the token went to the address that was typed: the attacker’s.',
  stands:
    'A letter goes to the stored address, never to the typed one: what is queued is the number of the account. And the letters that Unicode’s folding keeps apart are kept apart here.',
  guards: [
    {
      file: 'core/identifier.ts',
      find: `    .split('ı')
    .map((part) => part.toLowerCase().toUpperCase().toLowerCase())
    .join('ı')
`,
      replace: '    .toUpperCase()\n    .toLowerCase()\n',
    },
  ],
  attack: () =>
    onApp(
      async (test) => {
        await signUp(test, MIKE)
        await test.core.deliverLetters()
        const before = test.letters.length
        for (const email of LOOK_ALIKES) await post(test, '/api/users/password/reset/', { email })
        await test.core.deliverLetters()
        const sent = test.letters.slice(before)
        defended(sent.length === 0, `an address that looks alike is taken for ${MIKE.email}`)
        await post(test, '/api/users/password/reset/', { email: 'MIKE@CITY.EXAMPLE' })
        await test.core.deliverLetters()
        const last = test.letters.at(-1)
        assert.equal(last?.purpose, 'password_reset')
        defended(last.to === MIKE.email, 'a letter went to the address that was typed')
      },
      { config: WITH_MAIL },
    ),
}
