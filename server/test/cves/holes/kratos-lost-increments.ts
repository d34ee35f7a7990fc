import { defended, type Hole } from '../hole.ts'
import { countChecks, guessAtOnce, onApp, signUp } from '../scene.ts'

export const kratosLostIncrements: Hole = {
  name: 'Lost lockout increments, Ory Kratos',
  happened:
    'A counter of tries was read, raised and written back, so of tries at the same time one counted; the review of the recovery codes (ory/kratos #2645) asked for exactly that case.',
  stands:
    'The database adds, in one statement; two that count at the same moment are counted as two, on SQLite and PostgreSQL.',
  guards: [
    {
      file: 'store/sql/attempts.ts',
      find: 'then 1 else attempts.count + 1 end',
      replace: 'then 1 else attempts.count end',
    },
  ],
  attack: () =>
    onApp(async (test) => {
      await signUp(test)
      const checks = await countChecks(test, async () => {
        for (let wave = 0; wave < 5; wave++) await guessAtOnce(test, 8)
      })
      defended(checks <= 10, `${checks} of 40 guesses in 5 waves were judged`)
    }),
}
