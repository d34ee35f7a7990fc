import { AuthError } from '../../core/errors.ts'
import { findPrivilegedFields } from '../../core/privileged-fields.ts'
import type { Registration } from '../../core/register.ts'
import type { Body } from '../../manners/drf/body.ts'
import {
  booleanField,
  emailField,
  newPasswordField,
  passwordField,
  readFields,
  textField,
} from '../../manners/drf/fields.ts'

/** In the order in which the serializer has them: errors come in this order. */
export const REGISTRATION_FIELDS = {
  email: emailField(),
  username: textField({ max: 255 }),
  name: textField({ max: 255 }),
  password: newPasswordField(),
  phone_number: textField({
    isRequired: false,
    mayBeBlank: true,
    rules: [(text) => (/^\+?1?\p{Nd}{9,15}$/u.test(text) ? null : { rule: 'invalid_phone_number' })],
  }),
  is_staff: booleanField({ absent: false }),
  is_active: booleanField({ absent: true }),
}

/** Login needs no email format, because the name may be a username; the password's minimum is documented. */
export const LOGIN_FIELDS = { email: textField(), password: passwordField({ min: 8 }) }
const LOGIN_BY_USERNAME_FIELDS = { username: textField(), password: LOGIN_FIELDS.password }

/** Reads a registration. Its problems go to core with it, which adds its own. */
export function readRegistration(body: Body): Registration {
  const { values, problems } = readFields(REGISTRATION_FIELDS, body)
  return {
    email: values.email,
    username: values.username,
    password: values.password,
    profile: { name: values.name ?? '', phoneNumber: values.phone_number ?? '' },
    isActive: values.is_active ?? true,
    wantsStaff: values.is_staff ?? false,
    // Its own is_staff is a field of the serializer, which knows every word for yes and no.
    privilegedFields: findPrivilegedFields(body.fields).filter((name) => name !== 'is_staff'),
    problems,
  }
}

/**
 * Reads a login: "(username or email) + password", the name under `email` or, where there is none, under `username`.
 *
 * @throws {AuthError} `invalid_input`.
 */
export function readLogin(body: Body): { identifier: string; password: string } {
  const isByUsername = !body.fields.has('email') && body.fields.has('username')
  const { values, problems } = isByUsername
    ? readFields(LOGIN_BY_USERNAME_FIELDS, body)
    : readFields(LOGIN_FIELDS, body)
  const identifier = 'email' in values ? values.email : values.username
  if (identifier === undefined || values.password === undefined) throw new AuthError('invalid_input', { problems })
  return { identifier, password: values.password }
}
