import assert from 'node:assert/strict'
import { defended, type Hole } from '../hole.ts'
import { asOwner, isAlive, onApp, signInEverywhere, signUp } from '../scene.ts'

export const djRestAuthLogout: Hole = {
  name: 'A logout that logs nobody out, dj-rest-auth',
  happened:
    'With JWTs, logging out deleted a cookie and answered 200; the token itself went on being good for whoever had it (iMerica/dj-rest-auth #96).',
  stands:
    'Every logout deletes the session’s row, whatever kind of token asks and at whatever door, before it answers.',
  guards: [
    {
      file: 'core/end-session.ts',
      find: "  if (!(await store.endSession(session.id))) throw new AuthError('invalid_access_token')\n",
      replace: '',
    },
  ],
  attack: () =>
    onApp(async (test) => {
      await signUp(test)
      for (const [scheme, path] of [
        ['Token', '/api/users/logout/'],
        ['Bearer', '/api/users/logout/'],
      ] as const) {
        for (const token of await signInEverywhere(test)) {
          const headers = { authorization: `${scheme} ${token}` }
          const { status } = await asOwner(test, token, { method: 'POST', path, headers })
          assert.ok(status < 300)
          defended(!(await isAlive(test, token)), 'a token is good after its owner logged out')
        }
      }
    }),
}
