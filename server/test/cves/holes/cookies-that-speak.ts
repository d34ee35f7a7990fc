import { tokenOf } from '../../kit/doors.ts'
import { send } from '../../kit/wire.ts'
import { defended, type Hole } from '../hole.ts'
import { onApp, signIn, signInEverywhere, signUp } from '../scene.ts'

const NAMES = ['token', 'key', 'access', 'access_token', 'sessionid', 'jwt', 'jwt-auth', 'Authorization', 'auth']

export const cookiesThatSpeak: Hole = {
  name: 'Requests that other sites make with one’s cookies (CSRF)',
  happened:
    'Where a cookie alone shows who asks, every page can make its visitors’ browsers ask. JWT add-ons that read a cookie besides the header brought that to APIs that were free of it.',
  stands: 'A token is read from `Authorization` and nowhere else. No cookie is set, and none is read.',
  guards: [
    {
      file: 'http/authorization.ts',
      find: "  const [first, token, ...more] = split(header(request, 'authorization'))\n",
      replace: `  const cookie = header(request, 'cookie')?.split('=')[1]?.split(';')[0]
  const [first, token, ...more] = split(header(request, 'authorization') ?? 'Bearer ' + cookie)
`,
    },
  ],
  attack: () =>
    onApp(async (test) => {
      await signUp(test)
      for (const token of [...(await signInEverywhere(test)), tokenOf(await signIn(test))]) {
        for (const cookie of [...NAMES.map((name) => `${name}=${token}`), `Authorization=Bearer ${token}`]) {
          for (const [method, path] of [
            ['GET', '/v1/session'],
            ['DELETE', '/v1/session'],
            ['GET', '/api/users/user/'],
          ] as const) {
            const { status, headers } = await send(test, { method, path, headers: { cookie } })
            defended(status === 401, 'a cookie shows who asks')
            defended(headers['set-cookie'] === undefined, 'a cookie is set')
          }
        }
      }
    }),
}
