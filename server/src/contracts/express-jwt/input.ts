import { AuthError } from '../../core/errors.ts'
import { findPrivilegedFields } from '../../core/privileged-fields.ts'
import type { Registration } from '../../core/register.ts'
import type { Body } from '../../manners/express-validator/body.ts'
import {
  findProblems,
  hasLength,
  isAtMost,
  isEmailAddress,
  isFilled,
  isText,
  textOf,
} from '../../manners/express-validator/fields.ts'

const EMAIL = [isFilled, isEmailAddress]

/** In the order in which errors come. */
export const REGISTRATION_CHAINS = {
  name: [isFilled, isText('required'), isAtMost(255)],
  email: EMAIL,
  // The longest password is core's to tell: it counts as every other contract does.
  password: [isFilled, isText('required'), hasLength({ min: 8 })],
}

const LOGIN_CHAINS = { email: EMAIL, password: [isFilled, isText('required')] }

/** Reads a registration. Its problems go to core with it, which adds its own. Nothing is trimmed. */
export function readRegistration(body: Body): Registration {
  const problems = findProblems(REGISTRATION_CHAINS, body)
  const sound = (field: string) =>
    problems.some((problem) => problem.field === field) ? undefined : textOf(body, field)
  return {
    email: sound('email'),
    password: sound('password'),
    profile: { name: sound('name') ?? '' },
    privilegedFields: findPrivilegedFields(body),
    problems,
  }
}

/**
 * Reads a login.
 *
 * @throws {AuthError} `invalid_input`.
 */
export function readLogin(body: Body): { identifier: string; password: string } {
  const problems = findProblems(LOGIN_CHAINS, body)
  const identifier = textOf(body, 'email')
  const password = textOf(body, 'password')
  if (problems.length > 0 || identifier === undefined || password === undefined) {
    throw new AuthError('invalid_input', { problems })
  }
  return { identifier, password }
}
