import { AuthError, type Problem } from './errors.ts'
import { countCodePoints, findLoneSurrogate } from './text.ts'

/** The shortest password that any contract's document allows, in code points. */
export const MIN_PASSWORD_LENGTH = 8
/** The longest password that is hashed, in code points. Longer ones are refused, never cut. */
export const MAX_PASSWORD_LENGTH = 1024

/**
 * Brings a password into the form that is hashed: NFC, so that `é` typed on any keyboard is the same password. Nothing
 * is trimmed, folded or cut.
 *
 * @throws {AuthError} `invalid_input` for a lone surrogate (two of them would hash alike) or more than 1024 characters.
 */
export function normalisePassword(password: string, field = 'password'): string {
  refuseUnhashable(password, field)
  return password.normalize('NFC')
}

/**
 * Lets through what can be hashed faithfully, in whatever form.
 *
 * @throws {AuthError} `invalid_input` for a lone surrogate or more than 1024 characters.
 */
export function refuseUnhashable(password: string, field = 'password'): void {
  const problem = findPasswordProblem(password, field)
  if (problem !== null) throw new AuthError('invalid_input', { problems: [problem] })
}

/** What makes a password impossible to hash faithfully, or `null`. Whether it is long enough is each contract's own rule. */
export function findPasswordProblem(password: string, field: string): Problem | null {
  const codeUnit = findLoneSurrogate(password)
  if (codeUnit !== null) return { field, rule: 'lone_surrogate', codeUnit }
  if (password.length > MAX_PASSWORD_LENGTH && countCodePoints(password) > MAX_PASSWORD_LENGTH) {
    return { field, rule: 'too_long', limit: MAX_PASSWORD_LENGTH }
  }
  return null
}
