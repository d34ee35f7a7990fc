import { send } from '../../kit/wire.ts'
import { defended, type Hole } from '../hole.ts'
import { ATTACKER, onApp, post, signUp, VICTIM, WITH_MAIL } from '../scene.ts'

const PATH = '/api/users/password/reset/'

export const gitlabResetToTwo: Hole = {
  name: 'CVE-2023-7028, GitLab',
  happened:
    'A reset could be asked for a list of addresses. The first found the account, and the letter went to all of them.',
  stands:
    'An address is one text: a list is refused, of a repeated field in a form one value is read, and the letter goes to the stored address alone.',
  guards: [
    {
      file: 'manners/drf/fields.ts',
      find: "  if (typeof raw === 'string') return raw\n",
      replace: "  if (typeof raw === 'string') return raw\n  if (Array.isArray(raw)) return String(raw[0])\n",
    },
  ],
  attack: () =>
    onApp(
      async (test) => {
        await signUp(test)
        await test.core.deliverLetters()
        const before = test.letters.length
        const both = [VICTIM.email, ATTACKER.email]
        for (const email of [both, both.toReversed(), { 0: both[0], 1: both[1] }]) await post(test, PATH, { email })
        const headers = { 'content-type': 'application/x-www-form-urlencoded' }
        const pairs = both.map((email) => `email=${encodeURIComponent(email)}`)
        await send(test, { method: 'POST', path: PATH, headers, body: pairs.join('&') })
        await test.core.deliverLetters()
        const sent = test.letters.slice(before)
        defended(
          sent.every(({ to }) => to === VICTIM.email),
          'a letter went to an address that is not the account’s',
        )
        defended(sent.length === 0, 'a list of addresses was taken for an address')
      },
      { config: WITH_MAIL },
    ),
}
