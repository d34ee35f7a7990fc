import { CONTRACT_LOGINS } from '../../kit/doors.ts'
import { defended, type Hole } from '../hole.ts'
import { countChecks, onApp, signIn, signUp } from '../scene.ts'

export const enumerationByWork: Hole = {
  name: 'Who has an account, told by the time (CVE-2016-2513 and CVE-2024-39329, Django)',
  happened:
    'A name that nobody has was answered without a hash, and an account without a usable password too: ten times as fast as a wrong password.',
  stands:
    'A name that nobody has, a disabled account and a wrong password each cost one hash; `npm run test:attack` measures it. Here the work is counted, which is as good on a busy machine.',
  guards: [
    {
      file: 'core/authenticate.ts',
      find: '  const proved = await verifyPassword(',
      replace: `  if (taken === null) throw refuse(ports, 'unknown_account', { identifier, account: null, login })
  const proved = await verifyPassword(`,
    },
  ],
  attack: () =>
    onApp(
      async (test) => {
        const id = await signUp(test)
        for (const isActive of [true, false]) {
          await test.core.administration.setActive(id, isActive)
          for (const { contract } of CONTRACT_LOGINS) {
            const known = await countChecks(test, () => signIn(test, { contract, password: 'A-wrong-guess' }))
            const unknown = await countChecks(test, () => signIn(test, { contract, email: 'nobody@example.com' }))
            defended(known === unknown, `${contract} works ${known} times for an account and ${unknown} for none`)
          }
        }
      },
      { limits: null },
    ),
}
