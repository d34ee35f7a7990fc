import { type DoorDescription, exactly, type Schema } from '../../http/operation.ts'
import { DETAIL, type DescribedAction, describeViews, sentence } from '../../manners/drf/describe.ts'
import type { DrfTokenOptions } from './contract.ts'
import {
  DETAILS_FIELDS,
  EMAIL_FIELDS,
  KEY_FIELDS,
  LOGIN_FIELDS,
  PASSWORD_CHANGE_FIELDS,
  PASSWORD_RESET_FIELDS,
  REGISTRATION_FIELDS,
} from './input.ts'

const PASSWORD_RULES = 'At least one numeral and one letter, and 8 to 1024 characters.'
const NEW_PASSWORDS = {
  new_password1: { description: PASSWORD_RULES },
  new_password2: { description: 'The same again.' },
}
const USERNAME = { pattern: '^[\\w.@+-]+$' }

const REGISTRATION = {
  title: 'DrfTokenRegistration',
  fields: REGISTRATION_FIELDS,
  more: { password1: { description: PASSWORD_RULES }, password2: { description: 'The same again.' } },
}
const LOGIN = { title: 'DrfTokenLogin', fields: LOGIN_FIELDS }
const DETAILS_PUT = { title: 'DrfTokenDetailsPut', fields: DETAILS_FIELDS.whole, more: { username: USERNAME } }
const DETAILS_PATCH = { title: 'DrfTokenDetailsPatch', fields: DETAILS_FIELDS.partial, more: { username: USERNAME } }
const PASSWORD_CHANGE = { title: 'DrfTokenPasswordChange', fields: PASSWORD_CHANGE_FIELDS, more: NEW_PASSWORDS }
const PASSWORD_RESET = { title: 'DrfTokenPasswordReset', fields: PASSWORD_RESET_FIELDS, more: NEW_PASSWORDS }
const EMAIL = { title: 'DrfTokenEmail', fields: EMAIL_FIELDS }
const KEY = { title: 'DrfTokenEmailKey', fields: KEY_FIELDS }

const names = { first_name: { type: 'string' }, last_name: { type: 'string' } }
const ACCOUNT: Schema = exactly({ id: { type: 'integer' }, ...names, email: { type: 'string' } }, 'DrfTokenAccount')
const DETAILS: Schema = exactly(
  { pk: { type: 'integer' }, username: { type: 'string' }, email: { type: 'string' }, ...names },
  'DrfTokenDetails',
)
const TOKEN: Schema = exactly(
  { key: { type: 'string', description: 'Forty hex digits, to be sent as `Authorization: Token …`.' } },
  'DrfTokenKey',
)

const registration: DescribedAction = {
  summary: 'Register',
  form: REGISTRATION,
  isLimited: true,
  replies: { 201: { description: 'The account, without its password.', schema: ACCOUNT } },
}

const login: DescribedAction = {
  summary: 'Log in',
  description: 'Every login gives a key of its own.',
  isMeantWhen: 'the body has `email`',
  form: LOGIN,
  isLimited: true,
  replies: { 200: { description: 'The key.', schema: TOKEN } },
}

const logout: DescribedAction = {
  summary: 'Log out',
  isMeantWhen: '`Authorization` is a `Token`',
  credentials: 'token',
  replies: {
    200: sentence('detail', 'Successfully logged out.'),
    400: sentence('detail', 'You should be logged in to logout. Check whether the token is passed.'),
  },
}

const details = { credentials: 'token', replies: { 200: { description: 'The details.', schema: DETAILS } } } as const

const passwordChange: DescribedAction = {
  summary: 'Change the password',
  description: 'Every other session ends with it.',
  credentials: 'token',
  form: PASSWORD_CHANGE,
  isLimited: true,
  replies: { 200: sentence('detail', 'New password has been saved.') },
}

const passwordReset: DescribedAction = {
  summary: 'Ask for a password reset',
  description: 'The answer is the same whether or not anybody has the address.',
  form: EMAIL,
  isLimited: true,
  replies: { 200: sentence('detail', 'Password reset e-mail has been sent.') },
}

const passwordResetConfirm: DescribedAction = {
  summary: 'Reset the password',
  form: PASSWORD_RESET,
  isLimited: true,
  replies: { 200: sentence('detail', 'Password has been reset with the new password.') },
}

const verifyEmail: DescribedAction = {
  summary: 'Confirm an email address',
  form: KEY,
  replies: {
    200: sentence('detail', 'ok'),
    404: { description: 'The key is none, or was used, or has expired.', schema: DETAIL },
  },
}

const resendEmail: DescribedAction = {
  summary: 'Ask for another letter to confirm an address',
  description: 'The answer is the same whether or not anybody has the address.',
  form: EMAIL,
  isLimited: true,
  replies: { 200: sentence('detail', 'ok') },
}

/** What document 002 offers, and dj-rest-auth's companion routes. */
export function describeDrfToken({ hasMail }: Pick<DrfTokenOptions, 'hasMail'>): DoorDescription {
  const byLetter = {
    '/api/users/password/reset/': { POST: passwordReset },
    '/api/users/password/reset/confirm/': { POST: passwordResetConfirm },
    '/api/users/registration/verify-email/': { POST: verifyEmail },
    '/api/users/registration/resend-email/': { POST: resendEmail },
  }
  return {
    name: 'drf-token',
    description:
      'Document 002: Django REST Framework’s authtoken, with the manners of dj-rest-auth. Registration, login with an opaque key, logout, and the routes that its clients also call.',
    operations: describeViews({
      '/api/users/registration/': { POST: registration },
      '/api/users/login/': { POST: login },
      '/api/users/logout/': { POST: logout },
      '/api/users/user/': {
        GET: { summary: 'Who am I', ...details },
        PUT: { summary: 'Put one’s own details', form: DETAILS_PUT, isLimited: true, ...details },
        PATCH: { summary: 'Change one’s own details', form: DETAILS_PATCH, isLimited: true, ...details },
      },
      '/api/users/password/change/': { POST: passwordChange },
      ...(hasMail ? byLetter : {}),
    }),
  }
}
