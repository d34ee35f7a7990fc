import type { Core } from '../../core/core.ts'
import type { Contract } from '../../http/contract.ts'
import { readBody } from '../../manners/drf/body.ts'
import { drfPath } from '../../manners/drf/view.ts'
import { errors } from './errors.ts'
import { LOGIN_FIELDS, REGISTRATION_FIELDS, readLogin, readRegistration } from './input.ts'
import { claimsOf, writeCreated, writeLogin } from './output.ts'

const NAME = 'drf-jwt'

/** Seconds: the documents promise "60 days". */
export type DrfJwtOptions = { readonly tokenSeconds: number }

/** Documents 000 and 001, two editions of one API: Django REST Framework with PyJWT. */
export function drfJwt(core: Core, options: DrfJwtOptions): Contract {
  const registration = (path: string) =>
    drfPath({
      path,
      name: 'Registration',
      hashes: true,
      methods: {
        POST: {
          fields: REGISTRATION_FIELDS,
          handle: async (request) => {
            await core.register(readRegistration(await readBody(request)), request.client)
            return writeCreated()
          },
        },
      },
    })

  const login = (path: string) =>
    drfPath({
      path,
      name: 'Login',
      hashes: true,
      methods: {
        POST: {
          fields: LOGIN_FIELDS,
          handle: async (request) => {
            const { client } = request
            const authenticated = await core.authenticate({ ...readLogin(await readBody(request)), client })
            const lifetime = options.tokenSeconds
            const opening = { client, lifetime, claims: claimsOf }
            const { token } = await core.openJwtSession(authenticated, opening)
            return writeLogin(authenticated.account, token)
          },
        },
      },
    })

  return {
    name: NAME,
    hasOwnPlace: true,
    isCaseSensitive: true,
    prefixes: ['/user/', '/registration/', '/login/'],
    paths: [registration('/registration/'), login('/login/'), registration('/user/register/'), login('/user/login/')],
    errors,
  }
}
