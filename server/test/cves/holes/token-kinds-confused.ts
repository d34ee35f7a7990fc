import { refreshTokenOf, tokenOf } from '../../kit/doors.ts'
import { defended, type Hole } from '../hole.ts'
import { isAlive, onApp, post, signIn, signUp } from '../scene.ts'

export const tokenKindsConfused: Hole = {
  name: 'One kind of token taken for another',
  happened:
    'Servers that only looked at a signature took a refresh token, an ID token or a letter’s token where an access token belongs (RFC 8725, 3.11 and 3.12).',
  stands:
    'Each token says what it is for under the signature, and a use asks for one kind; letters carry tokens of another make altogether.',
  guards: [
    {
      file: 'crypto/signer.ts',
      find: '      if (verdict === null || verdict.claims.token_type !== use) return null\n',
      replace: '      if (verdict === null) return null\n',
    },
  ],
  attack: () =>
    onApp(async (test) => {
      await signUp(test)
      const login = await signIn(test)
      const refresh = refreshTokenOf(login) ?? ''
      defended(!(await isAlive(test, refresh)), 'a refresh token is taken for an access token')
      const refreshed = await post(test, '/api/users/token/refresh/', { refresh: tokenOf(login) })
      defended(refreshed.status === 401, 'an access token is taken for a refresh token')
    }),
}
