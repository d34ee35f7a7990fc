import assert from 'node:assert/strict'
import { refreshTokenOf, tokenOf } from '../../kit/doors.ts'
import { defended, type Hole } from '../hole.ts'
import { isAlive, onApp, post, signIn, signUp } from '../scene.ts'

export const simplejwtSurvivingAccessToken: Hole = {
  name: 'Access tokens that outlive their session, djangorestframework-simplejwt',
  happened:
    'Blacklisting a refresh token left the access tokens made with it good until they expired: a logout that logs out later (jazzband/djangorestframework-simplejwt #697).',
  stands:
    'An access token names its session, and is as dead as its row: at once, or within a second where another process ended it.',
  guards: [
    {
      file: 'core/check-access.ts',
      find: "  if (stored === null) recordRevoked(ports, { subject: claims.sub, kind: 'access', client })\n",
      replace: `  if (stored === null) {
    const account = await store.findAccount({ by: 'id', id: 1 })
    const opened = { kind: 'pair', contract: '', client: { network: null, userAgent: '' } } as const
    const session = { ...opened, id: claims.sid, accountId: 1, createdAt: 0, expiresAt: claims.exp * 1000 }
    if (account?.subject === claims.sub) return { access: { account, session, token: toToken(claims) }, readAt: 0 }
  }
`,
    },
  ],
  attack: () =>
    onApp(async (test) => {
      await signUp(test)
      const login = await signIn(test)
      const access = tokenOf(login)
      assert.ok(await isAlive(test, access))
      assert.equal((await post(test, '/api/users/token/blacklist/', { refresh: refreshTokenOf(login) })).status, 200)
      defended(!(await isAlive(test, access)), 'an access token is taken after its refresh token was revoked')
    }),
}
