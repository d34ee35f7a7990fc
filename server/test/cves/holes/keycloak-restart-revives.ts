import assert from 'node:assert/strict'
import { join } from 'node:path'
import { refreshTokenOf, tokenOf } from '../../kit/doors.ts'
import { makeDirectory } from '../../kit/server-process.ts'
import { defended, type Hole } from '../hole.ts'
import { isAlive, onApp, post, signIn, signUp } from '../scene.ts'

export const keycloakRestartRevives: Hole = {
  name: 'CVE-2026-9802, Keycloak',
  happened:
    'That a refresh token was stale was judged by the time the cluster started. After a restart, tokens that had been revoked before it were taken again.',
  stands:
    'A session ends when its row is deleted. No memory and no clock has a part in it, so a restart changes nothing.',
  guards: [
    {
      file: 'store/sql/sessions.ts',
      find: '  const selectById = prepare(',
      replace: '  const gone = new Set<string>()\n  const selectById = prepare(',
    },
    {
      file: 'store/sql/sessions.ts',
      find: '      const ended = await atomically(db, (transaction) =>\n        isLegacySessionId(id)\n',
      replace:
        '      const ended = gone.has(id) ? 0 : 1\n      gone.add(id)\n      await atomically(db, async (transaction) =>\n        true ? 0 : isLegacySessionId(id)\n',
    },
    {
      file: 'store/sql/sessions.ts',
      find: '      const [row] = await selectById(id)\n      return row === undefined ?',
      replace: '      const [row] = await selectById(id)\n      return row === undefined || gone.has(id) ?',
    },
  ],
  async attack() {
    const databaseUrl = `sqlite:${join(makeDirectory(), 'latchkey.db')}`
    let refresh: string | null = null
    let access = ''
    await onApp(
      async (test) => {
        await signUp(test)
        const login = await signIn(test)
        access = tokenOf(login)
        refresh = refreshTokenOf(login)
        assert.equal((await post(test, '/api/users/token/blacklist/', { refresh })).status, 200)
        assert.equal((await post(test, '/api/users/token/refresh/', { refresh })).status, 401)
      },
      { databaseUrl },
    )
    await onApp(
      async (test) => {
        const { status } = await post(test, '/api/users/token/refresh/', { refresh })
        defended(status === 401, 'a refresh token that was revoked is good again after a restart')
        defended(!(await isAlive(test, access)), 'an access token that was revoked is good again after a restart')
      },
      { databaseUrl },
    )
  },
}
