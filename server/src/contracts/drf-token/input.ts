import type { PasswordChange } from '../../core/change-password.ts'
import { AuthError, type Problem } from '../../core/errors.ts'
import { findPrivilegedFields } from '../../core/privileged-fields.ts'
import type { Registration } from '../../core/register.ts'
import type { PasswordReset } from '../../core/reset-password.ts'
import type { ProfileChange } from '../../core/update-profile.ts'
import type { Body } from '../../manners/drf/body.ts'
import { emailField, newPasswordField, passwordField, readFields, textField } from '../../manners/drf/fields.ts'
import { isUsername } from '../../manners/drf/username.ts'

const hasNumeral = (text: string) => (/\p{Nd}/u.test(text) ? null : ({ rule: 'needs_numeral' } as const))
const hasLetter = (text: string) => (/\p{L}/u.test(text) ? null : ({ rule: 'needs_letter' } as const))

/** In the order in which the serializer has them: errors come in this order. */
export const REGISTRATION_FIELDS = {
  first_name: textField({ max: 150 }),
  last_name: textField({ max: 150 }),
  email: emailField(),
  password1: newPasswordField([hasNumeral, hasLetter]),
  password2: textField(),
}

/** Login needs no email format. */
export const LOGIN_FIELDS = { email: textField(), password: passwordField() }

/** What an owner may change; a PUT must name the username, a PATCH nothing. */
export const DETAILS_FIELDS = { whole: detailsFields({ isWhole: true }), partial: detailsFields({ isWhole: false }) }

/** The password rules of the document are judged after the old password: see `readPasswordChange`. */
export const PASSWORD_CHANGE_FIELDS = {
  old_password: passwordField(),
  new_password1: textField({ max: 1024 }),
  new_password2: textField({ max: 1024 }),
}

/** What asks for a letter, and what comes back from one. */
export const EMAIL_FIELDS = { email: emailField() }
export const KEY_FIELDS = { key: textField() }
export const PASSWORD_RESET_FIELDS = {
  new_password1: textField({ max: 1024 }),
  new_password2: textField({ max: 1024 }),
  uid: textField(),
  token: textField(),
}

/** Reads a registration. Its problems go to core with it, which adds its own. */
export function readRegistration(body: Body): Registration {
  const { values, problems } = readFields(REGISTRATION_FIELDS, body)
  // Compared with whatever text password1 is, good enough or not, so that one answer can tell both.
  const { password1 } = readFields({ password1: textField() }, body).values
  const isMismatch = values.password2 !== undefined && values.password2 !== password1
  return {
    email: values.email,
    // Though one of its rules is broken: what else is wrong with it is told in the same answer.
    password: password1,
    passwordField: 'password1',
    profile: { firstName: values.first_name ?? '', lastName: values.last_name ?? '' },
    privilegedFields: findPrivilegedFields(body.fields),
    problems: isMismatch ? [...problems, { field: 'password2', rule: 'mismatch' }] : problems,
  }
}

/**
 * Reads a login.
 *
 * @throws {AuthError} `invalid_input`.
 */
export function readLogin(body: Body): { identifier: string; password: string } {
  const { values, problems } = readFields(LOGIN_FIELDS, body)
  if (values.email === undefined || values.password === undefined) throw new AuthError('invalid_input', { problems })
  return { identifier: values.email, password: values.password }
}

/**
 * Reads a change of one's own details.
 *
 * @throws {AuthError} `invalid_input`.
 */
export function readDetails(fields: ReturnType<typeof detailsFields>, body: Body): ProfileChange {
  const { values, problems } = readFields(fields, body)
  if (problems.length > 0) throw new AuthError('invalid_input', { problems })
  return {
    username: values.username,
    firstName: values.first_name,
    lastName: values.last_name,
    privilegedFields: findPrivilegedFields(body.fields),
  }
}

/**
 * Reads a change of password. What is wrong with the new one is core's to tell, once the old one is proved.
 *
 * @throws {AuthError} `invalid_input` when a field is missing or is no text.
 */
export function readPasswordChange(body: Body): Omit<PasswordChange, 'client'> {
  const { values, problems } = readFields(PASSWORD_CHANGE_FIELDS, body)
  const { old_password, new_password1, new_password2 } = values
  if (old_password === undefined || new_password1 === undefined || new_password2 === undefined) {
    throw new AuthError('invalid_input', { problems })
  }
  return {
    oldPassword: old_password,
    oldPasswordField: 'old_password',
    newPassword: new_password1,
    newPasswordField: 'new_password2',
    problems: findNewPasswordProblems(new_password1, new_password2),
  }
}

/**
 * Reads the address that a letter is asked for.
 *
 * @throws {AuthError} `invalid_input`.
 */
export function readEmail(body: Body): string {
  const { values, problems } = readFields(EMAIL_FIELDS, body)
  if (values.email === undefined) throw new AuthError('invalid_input', { problems })
  return values.email
}

/**
 * Reads the key that a letter brought.
 *
 * @throws {AuthError} `invalid_input`.
 */
export function readKey(body: Body): string {
  const { values, problems } = readFields(KEY_FIELDS, body)
  if (values.key === undefined) throw new AuthError('invalid_input', { problems })
  return values.key
}

/**
 * Reads a reset. What is wrong with the new password is core's to tell, once the token is proved.
 *
 * @throws {AuthError} `invalid_input` when a field is missing or is no text.
 */
export function readPasswordReset(body: Body): Omit<PasswordReset, 'client'> {
  const { values, problems } = readFields(PASSWORD_RESET_FIELDS, body)
  const { new_password1, new_password2, uid, token } = values
  if (new_password1 === undefined || new_password2 === undefined || uid === undefined || token === undefined) {
    throw new AuthError('invalid_input', { problems })
  }
  return {
    uid,
    token,
    newPassword: new_password1,
    newPasswordField: 'new_password2',
    problems: findNewPasswordProblems(new_password1, new_password2),
  }
}

/** As in Django's form, everything about the new password stands under `new_password2`. */
function findNewPasswordProblems(password1: string, password2: string): readonly Problem[] {
  const field = 'new_password2'
  if (password1 !== password2) return [{ field, rule: 'mismatch' }]
  const reading = REGISTRATION_FIELDS.password1.read(password2)
  return 'flaws' in reading ? reading.flaws.map((flaw) => ({ ...flaw, field })) : []
}

function detailsFields({ isWhole }: { isWhole: boolean }) {
  const name = () => textField({ max: 150, isRequired: false, mayBeBlank: true })
  return {
    username: textField({ max: 150, isRequired: isWhole, rules: [isUsername] }),
    first_name: name(),
    last_name: name(),
  }
}
