import { send } from '../../kit/wire.ts'
import { defended, type Hole } from '../hole.ts'
import { onApp } from '../scene.ts'

const OWN = 'https://app.example.com'
const ODD = [
  'https://evil.example',
  'null',
  'https://app.example.com.evil.example',
  'https://evilapp.example.com',
  'http://app.example.com',
  'https://app.example.com:444',
  'HTTPS://APP.EXAMPLE.COM',
  '*',
]

export const corsReflection: Hole = {
  name: 'Origins that are echoed',
  happened:
    'Servers that answer any `Origin` with that origin, or compare its beginning or end, let every page read what its visitor may see.',
  stands: 'Closed unless set. An origin is let in when it is one of those named, to the letter; credentials never are.',
  guards: [
    {
      file: 'http/cors.ts',
      find: 'if (origin !== undefined && allowed.has(origin)) {',
      replace: "if (origin !== undefined && (allowed.has(origin) || origin.startsWith('https://'))) {",
    },
  ],
  attack: () =>
    onApp(
      async (test) => {
        for (const origin of ODD) {
          for (const [method, path] of [
            ['GET', '/v1/session'],
            ['POST', '/api/auth/login/'],
            ['OPTIONS', '/api/users/login/'],
            ['GET', '/nowhere'],
          ] as const) {
            const headers = { origin, 'access-control-request-method': 'POST' }
            const answer = await send(test, { method, path, headers })
            defended(answer.headers['access-control-allow-origin'] === undefined, `${origin} may read ${path}`)
            defended(answer.headers['access-control-allow-credentials'] === undefined, 'cookies are allowed')
          }
        }
      },
      { config: { corsOrigins: [OWN] } },
    ),
}
