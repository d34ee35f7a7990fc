import type { AuthError, AuthErrorCode, Problem, ProblemRule, SimilarTo } from '../core/errors.ts'

/** Every refusal of core in an operator's words. A code without words does not compile. */
const ERROR_WORDS: Record<AuthErrorCode, (error: AuthError) => string> = {
  invalid_input: () => 'This was refused, and nothing was changed:',
  unknown_account: () => 'There is no such account.',
  wrong_password: () => 'The password is wrong.',
  account_disabled: () => 'The account is disabled. `npm run latchkey -- accounts enable` enables it.',
  too_many_attempts: ({ retryAfter }) => `Too many attempts: try again in ${retryAfter} seconds.`,
  invalid_access_token: () => 'The token is unknown, revoked or of the wrong kind.',
  expired_access_token: () => 'The token has expired.',
  account_inactive: () => 'The token’s account is disabled.',
  invalid_token: () => 'The token is not good.',
  overloaded: ({ retryAfter, cause }) =>
    cause instanceof Error
      ? `The database did not do it (${cause.message.replace(/[.]$/, '')}). Try again in ${retryAfter} seconds; if that does not help, run: npm run latchkey -- doctor`
      : `The hash queue is full: try again in ${retryAfter} seconds.`,
}

/** What a password can be too similar to. */
const OWNERS: Record<SimilarTo, string> = {
  username: 'account’s username',
  first_name: 'account’s first name',
  last_name: 'account’s last name',
  name: 'account’s name',
  email: 'account’s email address',
  product: 'product’s name (LATCHKEY_PRODUCT_NAMES, LATCHKEY_PUBLIC_URL)',
}

/** Every rule a field can break, continuing a line that begins with the field's name. */
const PROBLEM_WORDS: Record<ProblemRule, (problem: Problem) => string> = {
  required: () => 'is needed.',
  unknown: () => 'is not known.',
  blank: () => 'may not be blank.',
  null: () => 'may not be null.',
  not_text: () => 'must be text.',
  not_boolean: () => 'must be true or false.',
  too_short: ({ limit }) => `must have at least ${limit ?? 1} characters.`,
  too_long: ({ limit }) => `may have no more than ${limit ?? 0} characters.`,
  null_character: () => 'may not contain a null character.',
  lone_surrogate: () => 'contains half a character (a lone surrogate).',
  invalid_email: () => 'is not an email address.',
  invalid_username: () => 'may have letters, digits and @ . + - _ only.',
  invalid_phone_number: () => 'is not a phone number: 9 to 15 digits, a + before them at most.',
  needs_numeral: () => 'needs a numeral.',
  needs_letter: () => 'needs a letter.',
  mismatch: () => 'is not the same both times.',
  wrong_password: () => 'is wrong.',
  invalid_value: () => 'has a value that is not good.',
  common: () => 'is one of the most common ones.',
  breached: () => 'has appeared in a data breach.',
  too_similar: ({ similarTo = 'name' }) => `is too similar to the ${OWNERS[similarTo]}.`,
  taken: () => 'already belongs to an account.',
}

/** Says what core refused, with a line for each problem. */
export function wordError(error: AuthError): string {
  const problems = error.problems.map((problem) => `\n  - ${problem.field} ${PROBLEM_WORDS[problem.rule](problem)}`)
  return ERROR_WORDS[error.code](error) + problems.join('')
}
