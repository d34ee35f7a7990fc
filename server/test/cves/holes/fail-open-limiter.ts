import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { makeDirectory } from '../../kit/server-process.ts'
import { defended, type Hole } from '../hole.ts'
import { countChecks, guessAtOnce, onApp, signIn, signUp } from '../scene.ts'

export const failOpenLimiter: Hole = {
  name: 'Limits that fail open',
  happened:
    'Limiters whose counters could not be reached let everything through, as their documentation tells: whoever can disturb the counters can guess without end.',
  stands: 'What cannot be counted is not tried: the login fails with a 5xx and no password is looked at.',
  guards: [
    {
      file: 'core/attempts.ts',
      find: '  const { blocked } = await ports.store.takeAttempts(budgets, time)\n',
      replace: '  const { blocked } = await ports.store.takeAttempts(budgets, time).catch(() => ({ blocked: null }))\n',
    },
  ],
  async attack() {
    const directory = makeDirectory()
    const file = join(directory, 'latchkey.db')
    await onApp(
      async (test) => {
        await signUp(test)
        const beside = new DatabaseSync(file)
        beside.exec('alter table attempts rename to attempts_away')
        beside.close()
        const checks = await countChecks(test, () => guessAtOnce(test, 20))
        defended(checks === 0, `${checks} passwords were judged while nothing could be counted`)
        const { status } = await signIn(test)
        defended(status >= 500, `a login that could not be counted was answered with ${status}`)
      },
      { databaseUrl: `sqlite:${file}` },
    )
    rmSync(directory, { recursive: true })
  },
}
