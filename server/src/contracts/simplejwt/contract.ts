import type { Core } from '../../core/core.ts'
import { readScheme, requireAccess } from '../../http/authorization.ts'
import type { Contract } from '../../http/contract.ts'
import { bodyHas, readBody } from '../../manners/drf/body.ts'
import { drfPath } from '../../manners/drf/view.ts'
import { createErrors } from './errors.ts'
import {
  LOGIN_FIELDS,
  REFRESH_FIELDS,
  REGISTRATION_FIELDS,
  readLogin,
  readRegistration,
  readToken,
  VERIFY_FIELDS,
} from './input.ts'
import {
  claimsOf,
  REFRESH_OUTPUT,
  writeAccess,
  writeCreated,
  writeLoggedOut,
  writeNothing,
  writePair,
} from './output.ts'

const NAME = 'simplejwt'

export type SimplejwtOptions = {
  /** Seconds. */
  readonly accessSeconds: number
  readonly refreshSeconds: number
  /** Whether errors carry the extra `code` that clients of the real library may read. */
  readonly withCodes: boolean
}

/** Document 004: Django REST Framework with SimpleJWT. */
export function simplejwt(core: Core, options: SimplejwtOptions): Contract {
  const register = drfPath({
    path: '/api/users/register/',
    name: 'Register',
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

  const login = drfPath({
    path: '/api/users/login/',
    name: 'Token Obtain Pair',
    description:
      'Takes a set of user credentials and returns an access and refresh JSON web\ntoken pair to prove the authentication of those credentials.',
    recognises: (request) => bodyHas(request, 'username'),
    hashes: true,
    methods: {
      POST: {
        fields: LOGIN_FIELDS,
        handle: async (request) => {
          const { client } = request
          const authenticated = await core.authenticate({ ...readLogin(await readBody(request)), client })
          const lifetimes = { lifetime: options.refreshSeconds, accessLifetime: options.accessSeconds }
          const opening = { client, claims: claimsOf, ...lifetimes }
          return writePair(await core.openPairSession(authenticated, opening))
        },
      },
    },
  })

  const refresh = drfPath({
    path: '/api/users/token/refresh/',
    name: 'Token Refresh',
    description:
      'Takes a refresh type JSON web token and returns an access type JSON web\ntoken if the refresh token is valid.',
    methods: {
      POST: {
        fields: REFRESH_OUTPUT,
        handle: async (request) => {
          const token = readToken('refresh', await readBody(request))
          const asked = { accessLifetime: options.accessSeconds, claims: claimsOf, client: request.client }
          return writeAccess(await core.refreshAccess(token, asked))
        },
      },
    },
  })

  const logout = drfPath({
    path: '/api/users/logout/',
    name: 'Logout',
    recognises: (request) => readScheme(request) === 'Bearer',
    authenticate: (request) => requireAccess(core, request),
    methods: {
      POST: {
        handle: async ({ client }, access) => {
          await core.endSession(access, client)
          return writeLoggedOut()
        },
      },
    },
  })

  const verify = drfPath({
    path: '/api/users/token/verify/',
    name: 'Token Verify',
    description:
      "Takes a token and indicates if it is valid.  This view provides no\ninformation about a token's fitness for a particular use.",
    methods: {
      POST: {
        fields: VERIFY_FIELDS,
        handle: async (request) => {
          await core.verifyToken(readToken('token', await readBody(request)), request.client)
          return writeNothing()
        },
      },
    },
  })

  const blacklist = drfPath({
    path: '/api/users/token/blacklist/',
    name: 'Token Blacklist',
    description:
      'Takes a token and blacklists it. Must be used with the\n`rest_framework_simplejwt.token_blacklist` app installed.',
    methods: {
      POST: {
        fields: REFRESH_FIELDS,
        handle: async (request) => {
          await core.endSessionByRefreshToken(readToken('refresh', await readBody(request)), request.client)
          return writeNothing()
        },
      },
    },
  })

  return {
    name: NAME,
    hasOwnPlace: true,
    isCaseSensitive: true,
    prefixes: ['/api/users/'],
    paths: [register, login, refresh, logout, verify, blacklist],
    errors: createErrors(options),
  }
}
