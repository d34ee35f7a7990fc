import { challenge, type DoorDescription, exactly, type Reply, type Schema } from '../../http/operation.ts'
import { DETAIL, type DescribedAction, describeViews, sentence } from '../../manners/drf/describe.ts'
import type { SimplejwtOptions } from './contract.ts'
import { LOGIN_FIELDS, REFRESH_FIELDS, REGISTRATION_FIELDS, VERIFY_FIELDS } from './input.ts'

const REGISTRATION = {
  title: 'SimplejwtRegistration',
  fields: REGISTRATION_FIELDS,
  more: { username: { pattern: '^[\\w.@+-]+$' } },
}
const LOGIN = {
  title: 'SimplejwtLogin',
  fields: LOGIN_FIELDS,
  more: { username: { description: 'A username or an email address.' } },
}
const REFRESH = { title: 'SimplejwtRefresh', fields: REFRESH_FIELDS }
const VERIFY = { title: 'SimplejwtVerify', fields: VERIFY_FIELDS }

const access = { type: 'string', description: 'A JWT, to be sent as `Authorization: Bearer …`.' }
const PAIR: Schema = exactly({ refresh: { type: 'string', description: 'A JWT.' }, access }, 'SimplejwtPair')
const NOTHING: Schema = exactly({})

/** SimpleJWT's 401, with the library's own extra keys where they are switched on. */
const CODED_DETAIL: Schema = {
  title: 'SimplejwtDetail',
  type: 'object',
  properties: {
    detail: { type: 'string' },
    code: { type: 'string' },
    messages: { type: 'array', items: { type: 'object', additionalProperties: { type: 'string' } } },
  },
  required: ['detail'],
  additionalProperties: false,
}

/** What document 004 offers, and SimpleJWT's companion routes. */
export function describeSimplejwt({ withCodes }: Pick<SimplejwtOptions, 'withCodes'>): DoorDescription {
  const refused = (description: string): Reply => ({
    description,
    schema: withCodes ? CODED_DETAIL : DETAIL,
    headers: [challenge('Bearer realm="api"')],
  })
  const badToken = refused('The token is none of ours, has expired, or its session has ended.')

  const registration: DescribedAction = {
    summary: 'Register',
    form: REGISTRATION,
    isLimited: true,
    replies: { 201: sentence('message', 'User created successfully') },
  }
  const login: DescribedAction = {
    summary: 'Log in',
    isMeantWhen: 'the body has `username`',
    form: LOGIN,
    isLimited: true,
    replies: {
      200: { description: 'Both tokens.', schema: PAIR },
      401: refused('No active account has this name and password.'),
    },
  }
  const refresh: DescribedAction = {
    summary: 'Refresh the access token',
    description: 'The refresh token stays as it is.',
    form: REFRESH,
    replies: { 200: { description: 'A new access token.', schema: exactly({ access }) }, 401: badToken },
  }
  const logout: DescribedAction = {
    summary: 'Log out',
    description: 'Ends the session, and with it both tokens.',
    isMeantWhen: '`Authorization` is a `Bearer`',
    credentials: 'token',
    replies: {
      200: sentence('message', 'Logged out successfully'),
      401: refused('No token, or one that is not alive; the sentence says which.'),
    },
  }
  const verify: DescribedAction = {
    summary: 'Verify a token',
    form: VERIFY,
    replies: { 200: { description: 'The token is alive.', schema: NOTHING }, 401: badToken },
  }
  const blacklist: DescribedAction = {
    summary: 'Blacklist a refresh token',
    description: 'Ends its session.',
    form: REFRESH,
    replies: { 200: { description: 'It is blacklisted.', schema: NOTHING }, 401: badToken },
  }

  return {
    name: 'simplejwt',
    description:
      'Document 004: Django REST Framework with SimpleJWT. Registration, login with an access and a refresh token, refresh, logout.',
    operations: describeViews({
      '/api/users/register/': { POST: registration },
      '/api/users/login/': { POST: login },
      '/api/users/token/refresh/': { POST: refresh },
      '/api/users/logout/': { POST: logout },
      '/api/users/token/verify/': { POST: verify },
      '/api/users/token/blacklist/': { POST: blacklist },
    }),
  }
}
