import { CONTRACT_LOGINS, loginOf } from '../../kit/doors.ts'
import { send } from '../../kit/wire.ts'
import { defended, type Hole } from '../hole.ts'
import { onApp, signUp, VICTIM } from '../scene.ts'

/** What one reader may take for JSON, and another not. */
const ODD = [
  'application/json\ta',
  'application/json a',
  'application/jsonx',
  'application/json,text/plain',
  'application/ json',
  'text/plain; application/json',
  '"application/json"',
]

export const fastifyContentType: Hole = {
  name: 'CVE-2025-32442, CVE-2026-25223 and CVE-2026-33806, Fastify',
  happened:
    'The parser and the validator of a body each read the content type in its own way. With other casing, a tab or a space a body was parsed as JSON and validated as nothing.',
  stands:
    'Bodies come to the doors as bytes, and one reader says what a content type is, by the grammar: what is none is a type that nobody reads. What was read is validated by the door that read it, whatever its type.',
  guards: [
    {
      file: 'http/media-type.ts',
      find: '  if (!MEDIA_TYPE.test(type)) return { type: type.toLowerCase(), parameters: new Map() }\n',
      replace: `  if (!MEDIA_TYPE.test(type)) return { type: type.toLowerCase().split(/\\s/)[0] ?? '', parameters: new Map() }
`,
    },
  ],
  attack: () =>
    onApp(async (test) => {
      await signUp(test)
      for (const login of CONTRACT_LOGINS) {
        const { path, json } = loginOf(login, VICTIM.email, VICTIM.password)
        const body = JSON.stringify(json)
        for (const contentType of ODD) {
          const headers = { 'content-type': contentType }
          const { status } = await send(test, { method: 'POST', path, body, headers })
          defended(status >= 400 && status < 500, `${JSON.stringify(contentType)} is read as JSON at ${path}`)
        }
      }
      const headers = { 'content-type': 'Application/JSON ;charset=UTF-8' }
      const bad = JSON.stringify({ email: 'no address', username: 'x', name: 'x', password: 'short' })
      const { status } = await send(test, { method: 'POST', path: '/registration/', body: bad, headers })
      defended(status === 400, 'a body with an unusual type is not validated')
    }),
}
