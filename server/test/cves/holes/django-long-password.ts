import { CONTRACT_LOGINS, REGISTRATIONS, registrationOf } from '../../kit/doors.ts'
import { send } from '../../kit/wire.ts'
import { defended, type Hole } from '../hole.ts'
import { onApp, signIn, signUp, VICTIM } from '../scene.ts'

const LONG = 'Aa1-'.repeat(3000)

export const djangoLongPassword: Hole = {
  name: 'CVE-2013-1443, Django',
  happened:
    'Passwords had no greatest length. To hash one of a megabyte took a minute, and anybody could ask for it by signing in.',
  stands:
    'A body has at most 16 KiB and a password at most 1024 characters; a longer one is refused before anything is hashed, never cut.',
  guards: [
    {
      file: 'core/password-rules.ts',
      find: '  if (password.length > MAX_PASSWORD_LENGTH && countCodePoints(password) > MAX_PASSWORD_LENGTH) {',
      replace: '  if (password.length < 0) {',
    },
  ],
  attack: () =>
    onApp(async (test) => {
      await signUp(test)
      const before = { ...test.hasherCalls }
      for (const { contract } of CONTRACT_LOGINS) await signIn(test, { contract, password: LONG })
      for (const door of REGISTRATIONS) {
        await send(
          test,
          registrationOf(door, { ...VICTIM, email: 'long@example.com', username: 'long', password: LONG }),
        )
      }
      const work = test.hasherCalls.verify + test.hasherCalls.hash - before.verify - before.hash
      defended(work === 0, `a password of ${LONG.length} characters was hashed ${work} times`)
    }),
}
