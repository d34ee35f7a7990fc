import { defended, type Hole } from '../hole.ts'
import { countChecks, guessAtOnce, onApp, signUp } from '../scene.ts'

export const zitadelLockoutRace: Hole = {
  name: 'GHSA-7h8m (CVE-2023-47111), Zitadel',
  happened:
    'Failed checks of a password were counted after the check. Whoever sent many guesses at once had more of them judged than the lockout policy allows.',
  stands: 'A guess is counted, in the statement that decides whether it may go on, before anything is hashed.',
  guards: [
    {
      file: 'store/sql/attempts.ts',
      find: `        await atomically(db, async (transaction) => {
          // In one order for all, so that two who count the same never wait for each other.
          for (const budget of inOrder(budgets)) await take(transaction, budget, now)
        })`,
      replace: `        const count = () =>
          atomically(db, async (transaction) => {
            for (const budget of inOrder(budgets)) await take(transaction, budget, now)
          }).catch(() => {})
        setTimeout(count, 100)`,
    },
  ],
  attack: () =>
    onApp(async (test) => {
      await signUp(test)
      const checks = await countChecks(test, () => guessAtOnce(test, 60))
      defended(checks <= 10, `${checks} of 60 guesses at once were judged`)
    }),
}
