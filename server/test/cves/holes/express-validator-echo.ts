import { ROUTES } from '../../kit/routes.ts'
import { send } from '../../kit/wire.ts'
import { defended, type Hole } from '../hole.ts'
import { onApp } from '../scene.ts'

const SECRET = 'pw-Cnry'

export const expressValidatorEcho: Hole = {
  name: 'Passwords in error messages, express-validator',
  happened:
    'The library tells in each error the `value` that it found wrong, also that of a password, which so came into pages, logs and monitoring.',
  stands:
    'Document 003’s echo is kept for names and addresses. A field that holds a password has no `value`, on any route.',
  guards: [{ file: 'contracts/express-jwt/errors.ts', find: "secret: ['password']", replace: 'secret: []' }],
  attack: () =>
    onApp(async (test) => {
      const secrets = [SECRET, [SECRET], { a: SECRET }, `${SECRET}\0`]
      for (const { method, path, fields } of ROUTES.filter(({ method }) => method !== 'GET')) {
        for (const secret of secrets) {
          const named = (name: string) => /password|token|key|refresh/.test(name)
          const json = Object.fromEntries(fields.map((name) => [name, named(name) ? secret : '']))
          const { text } = await send(test, { method, path, json })
          defended(!text.includes(SECRET), `${path} tells a password in its answer: ${text}`)
        }
      }
      defended(!test.log.some((line) => line.includes(SECRET)), 'a password was logged')
    }),
}
