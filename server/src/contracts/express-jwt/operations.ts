import { constant, type DoorDescription, exactly, type Schema } from '../../http/operation.ts'
import { describeRoute } from '../../manners/express-validator/describe.ts'

const EMAIL: Schema = { type: 'string', format: 'email' }

const REGISTRATION = form('ExpressJwtRegistration', {
  name: { type: 'string', minLength: 1, maxLength: 255 },
  email: EMAIL,
  password: { type: 'string', format: 'password', minLength: 8, maxLength: 1024 },
})

const LOGIN = form('ExpressJwtLogin', {
  email: EMAIL,
  password: { type: 'string', format: 'password', minLength: 1 },
})

const TOKEN: Schema = exactly(
  {
    status: constant('success'),
    token: { type: 'string', description: 'A JWT, to be sent as `Authorization: Bearer …`.' },
  },
  'ExpressJwtToken',
)

/** What document 003 offers. */
export function describeExpressJwt(): DoorDescription {
  return {
    name: 'express-jwt',
    description:
      'Document 003: Express with express-validator. Registration and login, each with a token; paths in letters of any case.',
    operations: {
      '/api/auth/register/': {
        POST: describeRoute({
          summary: 'Register',
          form: REGISTRATION,
          replies: { 200: token('The account is made, and its first token.') },
        }),
      },
      '/api/auth/login/': {
        POST: describeRoute({ summary: 'Log in', form: LOGIN, replies: { 200: token('The token.') } }),
      },
    },
  }
}

function token(description: string) {
  return { description, schema: TOKEN }
}

/** A form whose every field is required; others are ignored. */
function form(title: string, properties: Readonly<Record<string, Schema>>) {
  return { title, type: 'object', properties, required: Object.keys(properties) }
}
