import type { Core } from '../../core/core.ts'
import { readScheme, requireAccess } from '../../http/authorization.ts'
import type { Contract } from '../../http/contract.ts'
import { TransportError } from '../../http/transport-error.ts'
import { bodyHas, readBody } from '../../manners/drf/body.ts'
import { drfPath } from '../../manners/drf/view.ts'
import { errors } from './errors.ts'
import {
  DETAILS_FIELDS,
  EMAIL_FIELDS,
  KEY_FIELDS,
  LOGIN_FIELDS,
  PASSWORD_CHANGE_FIELDS,
  PASSWORD_RESET_FIELDS,
  readDetails,
  readEmail,
  readKey,
  readLogin,
  readPasswordChange,
  readPasswordReset,
  readRegistration,
} from './input.ts'
import {
  DETAILS_OUTPUT,
  REGISTRATION_OUTPUT,
  writeDetails,
  writeKey,
  writeLoggedOut,
  writeNotLoggedIn,
  writeOk,
  writePasswordChanged,
  writePasswordReset,
  writeRegistered,
  writeResetSent,
} from './output.ts'

const NAME = 'drf-token'

export type DrfTokenOptions = {
  /** Seconds: the documented setting `TOKEN_EXPIRED_AFTER_SECONDS`. */
  readonly keySeconds: number
  /** Whether letters can be sent. Where they cannot, the routes that need them are not there. */
  readonly hasMail: boolean
}

/** Document 002: Django REST Framework's `authtoken`, with the manners of dj-rest-auth. */
export function drfToken(core: Core, options: DrfTokenOptions): Contract {
  const authenticate = (request: Parameters<typeof requireAccess>[1]) => requireAccess(core, request)

  const registration = drfPath({
    path: '/api/users/registration/',
    name: 'Registration',
    hashes: true,
    methods: {
      POST: {
        fields: REGISTRATION_OUTPUT,
        handle: async (request) => {
          const { account } = await core.register(readRegistration(await readBody(request)), request.client)
          return writeRegistered(account)
        },
      },
    },
  })

  const login = drfPath({
    path: '/api/users/login/',
    name: 'Login',
    recognises: (request) => bodyHas(request, 'email'),
    hashes: true,
    methods: {
      POST: {
        fields: LOGIN_FIELDS,
        handle: async (request) => {
          const { client } = request
          const credentials = readLogin(await readBody(request))
          const authenticated = await core.authenticate({ ...credentials, kinds: ['email'], client })
          const opening = { client, lifetime: options.keySeconds }
          return writeKey(await core.openKeySession(authenticated, opening))
        },
      },
    },
  })

  const logout = drfPath({
    path: '/api/users/logout/',
    name: 'Logout',
    recognises: (request) => readScheme(request) === 'Token',
    // No credentials at all is this document's own 400; bad ones are 401.
    authenticate: async (request) => (readScheme(request) === null ? null : authenticate(request)),
    methods: {
      POST: {
        handle: async ({ client }, access) => {
          if (access === null) return writeNotLoggedIn()
          await core.endSession(access, client)
          return writeLoggedOut()
        },
      },
    },
  })

  const details = drfPath({
    path: '/api/users/user/',
    name: 'User Details',
    authenticate,
    methods: {
      GET: { handle: async (_request, { account }) => writeDetails(account) },
      PUT: {
        fields: DETAILS_OUTPUT,
        handle: async (request, access) => {
          const change = readDetails(DETAILS_FIELDS.whole, await readBody(request))
          return writeDetails(await core.updateProfile(access, { ...change, client: request.client }))
        },
      },
      PATCH: {
        handle: async (request, access) => {
          const change = readDetails(DETAILS_FIELDS.partial, await readBody(request))
          return writeDetails(await core.updateProfile(access, { ...change, client: request.client }))
        },
      },
    },
  })

  const passwordChange = drfPath({
    path: '/api/users/password/change/',
    name: 'Password Change',
    authenticate,
    hashes: true,
    methods: {
      POST: {
        fields: PASSWORD_CHANGE_FIELDS,
        handle: async (request, access) => {
          const change = readPasswordChange(await readBody(request))
          await core.changePassword(access, { ...change, client: request.client })
          return writePasswordChanged()
        },
      },
    },
  })

  const passwordReset = drfPath({
    path: '/api/users/password/reset/',
    name: 'Password Reset',
    methods: {
      POST: {
        fields: EMAIL_FIELDS,
        handle: async (request) => {
          const email = readEmail(await readBody(request))
          await core.askForLetter({ purpose: 'password_reset', email, client: request.client })
          return writeResetSent()
        },
      },
    },
  })

  const passwordResetConfirm = drfPath({
    path: '/api/users/password/reset/confirm/',
    name: 'Password Reset Confirm',
    hashes: true,
    methods: {
      POST: {
        fields: PASSWORD_RESET_FIELDS,
        handle: async (request) => {
          await core.resetPassword({ ...readPasswordReset(await readBody(request)), client: request.client })
          return writePasswordReset()
        },
      },
    },
  })

  const verifyEmail = drfPath({
    path: '/api/users/registration/verify-email/',
    name: 'Verify Email',
    methods: {
      POST: {
        fields: KEY_FIELDS,
        handle: async (request) => {
          const key = readKey(await readBody(request))
          if (!(await core.verifyEmail(key, request.client))) throw new TransportError('not_found')
          return writeOk()
        },
      },
    },
  })

  const resendEmail = drfPath({
    path: '/api/users/registration/resend-email/',
    name: 'Resend Email Verification',
    methods: {
      POST: {
        fields: EMAIL_FIELDS,
        handle: async (request) => {
          const email = readEmail(await readBody(request))
          await core.askForLetter({ purpose: 'email_verification', email, client: request.client })
          return writeOk()
        },
      },
    },
  })

  const byLetter = [passwordReset, passwordResetConfirm, verifyEmail, resendEmail]
  return {
    name: NAME,
    hasOwnPlace: true,
    isCaseSensitive: true,
    prefixes: ['/api/users/'],
    paths: [registration, login, logout, details, passwordChange, ...(options.hasMail ? byLetter : [])],
    errors,
  }
}
