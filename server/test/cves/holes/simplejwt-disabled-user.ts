import { refreshTokenOf, tokenOf } from '../../kit/doors.ts'
import { defended, type Hole } from '../hole.ts'
import { isAlive, onApp, post, signIn, signInEverywhere, signUp } from '../scene.ts'

export const simplejwtDisabledUser: Hole = {
  name: 'CVE-2024-22513, djangorestframework-simplejwt',
  happened:
    'Tokens were made and taken without a look at whether the user had been disabled: who was shut out went on.',
  stands:
    'Every kind of token is as good as the account’s row, of which nothing older than a second is believed, and nothing that this process has changed; disabling raises the version that its sessions carry.',
  guards: [
    {
      file: 'core/check-access.ts',
      find: '  if (!stored.account.isActive || !stored.isCurrent) {',
      replace: '  if (Date.now() < 0) {',
    },
  ],
  attack: () =>
    onApp(async (test) => {
      const id = await signUp(test)
      const pair = await signIn(test)
      const tokens = [...(await signInEverywhere(test)), tokenOf(pair)]
      await test.core.administration.setActive(id, false)
      for (const token of tokens) defended(!(await isAlive(test, token)), 'a token of a disabled account is good')
      const refreshed = await post(test, '/api/users/token/refresh/', { refresh: refreshTokenOf(pair) })
      defended(refreshed.status === 401, 'a disabled account was given a new token')
      await test.core.administration.setActive(id, true)
      for (const token of tokens) defended(!(await isAlive(test, token)), 'enabling an account revived its tokens')
    }),
}
