import assert from 'node:assert/strict'
import { LOCAL } from '../../kit/clients.ts'
import { refreshTokenOf, tokenOf } from '../../kit/doors.ts'
import { defended, type Hole } from '../hole.ts'
import { isAlive, onApp, post, signIn, signUp } from '../scene.ts'

export const keycloakRefreshRace: Hole = {
  name: 'CVE-2026-1035, Keycloak',
  happened:
    'Whether a refresh token had been used, and that it was used now, were two steps. Several refreshes at the same moment each got an access token from a token that was good once.',
  stands:
    'Document 004’s refresh token is good until its session ends, and ending is what can happen once: of requests at the same moment one succeeds, and whatever was refreshed meanwhile is dead with it.',
  guards: [{ file: 'store/sql/sessions.ts', find: '      return ended === 1\n', replace: '      return ended < 2\n' }],
  attack: () =>
    onApp(async (test) => {
      await signUp(test)
      const refresh = refreshTokenOf(await signIn(test))
      const answers = await Promise.all(
        Array.from({ length: 24 }, (_, index) =>
          post(test, `/api/users/token/${index % 2 === 0 ? 'blacklist' : 'refresh'}/`, { refresh }),
        ),
      )
      const ended = answers.filter(({ status }, index) => index % 2 === 0 && status === 200).length
      assert.ok(ended > 0)
      defended(ended === 1, `one refresh token was used up ${ended} times`)
      const access = await test.core.checkAccess(tokenOf(await signIn(test)), LOCAL)
      const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => test.core.endSession(access, LOCAL)))
      const endings = outcomes.filter(({ status }) => status === 'fulfilled').length
      defended(endings === 1, `of requests that had all seen the session alive ${endings} ended it`)
      for (const { json } of answers) {
        const { access } = (json ?? {}) as { access?: string }
        if (access !== undefined) defended(!(await isAlive(test, access)), 'a token refreshed meanwhile lives on')
      }
    }),
}
