import { type DoorDescription, exactly, type Schema } from '../../http/operation.ts'
import { type DescribedAction, describeViews, sentence } from '../../manners/drf/describe.ts'
import { LOGIN_FIELDS, REGISTRATION_FIELDS } from './input.ts'

const REGISTRATION = {
  title: 'DrfJwtRegistration',
  fields: REGISTRATION_FIELDS,
  more: {
    phone_number: { pattern: '^(\\+?1?\\d{9,15})?$' },
    is_staff: { description: 'Read and checked; it grants nothing. An operator makes staff.' },
    is_active: { description: 'False makes the account, and nobody can log in to it.' },
  },
}

const LOGIN = {
  title: 'DrfJwtLogin',
  fields: LOGIN_FIELDS,
  more: { email: { description: 'An email address or a username; it may also be sent as `username`.' } },
}

const PROFILE: Schema = exactly(
  {
    name: { type: 'string' },
    username: { type: 'string' },
    phone_number: { type: 'string' },
    token: { type: 'string', description: 'A JWT, to be sent as `Authorization: Bearer …` or `Token …`.' },
  },
  'DrfJwtProfile',
)

const registration: DescribedAction = {
  summary: 'Register',
  form: REGISTRATION,
  isLimited: true,
  replies: { 201: sentence('message', 'The user has been successfully created.') },
}

const login: DescribedAction = {
  summary: 'Log in',
  form: LOGIN,
  isLimited: true,
  replies: { 200: { description: 'The profile, and the token.', schema: PROFILE } },
}

/** What documents 000 and 001 offer. */
export function describeDrfJwt(): DoorDescription {
  return {
    name: 'drf-jwt',
    description:
      'Documents 000 and 001, two editions of one API: Django REST Framework with a PyJWT token. Registration and login, one long-lived token.',
    operations: describeViews({
      '/registration/': { POST: registration },
      '/login/': { POST: login },
      '/user/register/': { POST: registration },
      '/user/login/': { POST: login },
    }),
  }
}
