import { AuthError } from '../../core/errors.ts'
import { findPrivilegedFields } from '../../core/privileged-fields.ts'
import type { Registration } from '../../core/register.ts'
import type { Body } from '../../manners/drf/body.ts'
import { newPasswordField, passwordField, readFields, textField } from '../../manners/drf/fields.ts'
import { isUsername } from '../../manners/drf/username.ts'

/** In the order in which the serializer has them: errors come in this order. */
export const REGISTRATION_FIELDS = {
  username: textField({ max: 150, rules: [isUsername] }),
  password: newPasswordField(),
}

/** SimpleJWT's serializer names no lengths; core refuses what is too long to hash. */
export const LOGIN_FIELDS = { username: textField(), password: passwordField({ max: undefined }) }
export const REFRESH_FIELDS = { refresh: textField() }
export const VERIFY_FIELDS = { token: textField() }

/** Reads a registration. Its problems go to core with it, which adds its own. */
export function readRegistration(body: Body): Registration {
  const { values, problems } = readFields(REGISTRATION_FIELDS, body)
  return { ...values, privilegedFields: findPrivilegedFields(body.fields), problems }
}

/**
 * Reads a login; the name may be a username or an email address.
 *
 * @throws {AuthError} `invalid_input`.
 */
export function readLogin(body: Body): { identifier: string; password: string } {
  const { values, problems } = readFields(LOGIN_FIELDS, body)
  if (values.username === undefined || values.password === undefined) {
    throw new AuthError('invalid_input', { problems })
  }
  return { identifier: values.username, password: values.password }
}

/**
 * Reads a token that was handed over as data.
 *
 * @throws {AuthError} `invalid_input`.
 */
export function readToken(field: 'refresh' | 'token', body: Body): string {
  const { values, problems } = readFields({ [field]: textField() }, body)
  const token = values[field]
  if (token === undefined) throw new AuthError('invalid_input', { problems })
  return token
}
