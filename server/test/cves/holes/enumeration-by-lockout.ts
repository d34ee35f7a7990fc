import assert from 'node:assert/strict'
import { defended, type Hole } from '../hole.ts'
import { guessAtOnce, onApp, signUp } from '../scene.ts'

async function statuses(guess: () => Promise<readonly { status: number }[]>): Promise<string> {
  return (await guess())
    .map(({ status }) => String(status === 429))
    .sort()
    .join()
}

export const enumerationByLockout: Hole = {
  name: 'Who has an account, told by the lockout',
  happened:
    'Only accounts that exist were locked after wrong guesses; a name that could be tried without end was nobody’s.',
  stands: 'A name that nobody has is charged, refused and made to wait exactly as an account is.',
  guards: [
    {
      file: 'core/attempts.ts',
      find: '  if (limits === null) return { onSuccess: NOTHING_OWED, onRelease: NOTHING_OWED }\n',
      replace:
        "  if (limits === null || !('accountId' in target)) return { onSuccess: NOTHING_OWED, onRelease: NOTHING_OWED }\n",
    },
  ],
  attack: () =>
    onApp(async (test) => {
      await signUp(test)
      const known = await statuses(() => guessAtOnce(test, 20))
      assert.ok(known.includes('true') && known.includes('false'))
      // A third of the names that nobody has is as tight as accounts with weak passwords are: one that is not.
      const names = ['nobody@example.com', 'nobody-else@example.com', 'no-third@example.com', 'no-fourth@example.com']
      const unknown = await Promise.all(names.map((name) => statuses(() => guessAtOnce(test, 20, name))))
      defended(
        unknown.every((found) => found.includes('true')),
        'a name that nobody has can be guessed at without end',
      )
      defended(unknown.includes(known), 'accounts are limited otherwise than names that nobody has')
    }),
}
