import assert from 'node:assert/strict'
import { LOCAL } from '../../kit/clients.ts'
import { tokenOf } from '../../kit/doors.ts'
import { defended, type Hole } from '../hole.ts'
import { isAlive, onApp, signIn, signUp } from '../scene.ts'

export const betterAuthCachedSession: Hole = {
  name: 'GHSA-xg6x-h9c9-2m83, Better Auth',
  happened:
    'With a cache of sessions, one that still lacked its second factor was cached as good, and later look-ups believed the cache: the second factor could be left out.',
  stands:
    'There is no second factor yet, and one login core behind every door for when there is. Only the verdict on a signature is cached, which never changes; the session’s row is read at every use.',
  guards: [
    {
      file: 'core/check-access.ts',
      find: '  const stored = await store.findSession(claims.sid)\n',
      replace: `  const seen: Map<string, StoredSession | null> = (ports.store as never)['seen'] ??= new Map() as never
  const stored = seen.get(claims.sid) ?? (await store.findSession(claims.sid))
  seen.set(claims.sid, stored)
`,
    },
  ],
  attack: () =>
    onApp(async (test) => {
      const id = await signUp(test)
      for (const contract of ['drf-jwt', 'express-jwt', 'simplejwt']) {
        const ended = tokenOf(await signIn(test, { contract }))
        assert.ok(await isAlive(test, ended))
        await test.core.endSession(await test.core.checkAccess(ended, LOCAL), LOCAL)
        defended(!(await isAlive(test, ended)), 'a session that was cached outlives its end')

        const disabled = tokenOf(await signIn(test, { contract }))
        assert.ok(await isAlive(test, disabled))
        await test.core.administration.setActive(id, false)
        defended(!(await isAlive(test, disabled)), 'a session that was cached outlives its account')
        await test.core.administration.setActive(id, true)
      }
    }),
}
