import assert from 'node:assert/strict'
import { LOCAL } from '../../kit/clients.ts'
import { tokenOf } from '../../kit/doors.ts'
import type { TestApp } from '../../kit/start-test-app.ts'
import { defended, type Hole } from '../hole.ts'
import { isAlive, onApp, signIn, signUp } from '../scene.ts'

export const betterAuthCachedSession: Hole = {
  name: 'GHSA-xg6x-h9c9-2m83, Better Auth',
  happened:
    'With a cache of sessions, one that still lacked its second factor was cached as good, and later look-ups believed the cache: the second factor could be left out.',
  stands:
    'There is no second factor yet, and one login core behind every door for when there is. A session that was checked is remembered for a second at most, and forgotten when whatever changes it comes back from the database.',
  guards: [
    {
      file: 'store/watch-changes.ts',
      find: '  ) => afterwards(method, (...args) => accesses.forget(touches(...args)))',
      replace: '  ) => afterwards(method, (...args) => void touches(...args))',
    },
  ],
  attack: () =>
    onApp(async (test) => {
      const id = await signUp(test)
      for (const contract of ['drf-jwt', 'express-jwt', 'simplejwt']) {
        const ended = tokenOf(await signIn(test, { contract }))
        assert.ok((await isAlive(test, ended)) && isTaken(test, ended))
        await test.core.endSession(await test.core.checkAccess(ended, LOCAL), LOCAL)
        defended(!isTaken(test, ended) && !(await isAlive(test, ended)), 'a session that was cached outlives its end')

        const disabled = tokenOf(await signIn(test, { contract }))
        assert.ok((await isAlive(test, disabled)) && isTaken(test, disabled))
        await test.core.administration.setActive(id, false)
        defended(
          !isTaken(test, disabled) && !(await isAlive(test, disabled)),
          'a session that was cached outlives its account',
        )
        await test.core.administration.setActive(id, true)
      }
    }, REMEMBERING),
}

/** For as long as the attack takes on a slow machine. */
const REMEMBERING = { config: { sessionStaleness: 60_000 } }

/** Whether what is remembered of a token alone lets it through. */
function isTaken({ core }: TestApp, token: string): boolean {
  return core.recallAccess(token) !== null
}
