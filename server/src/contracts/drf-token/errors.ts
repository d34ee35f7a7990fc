import type { ErrorReplies, WireReply } from '../../http/contract.ts'
import {
  fieldErrors,
  nonFieldError,
  overloaded,
  throttled,
  tokenErrors,
  transportErrors,
} from '../../manners/drf/replies.ts'
import { DRF_WORDS, type ProblemWords } from '../../manners/drf/words.ts'
import { DETAILS_FIELDS, PASSWORD_CHANGE_FIELDS, REGISTRATION_FIELDS } from './input.ts'

const ORDER = [DETAILS_FIELDS.whole, REGISTRATION_FIELDS, PASSWORD_CHANGE_FIELDS].flatMap(Object.keys)

/** Registration has sentences of its document's own; a password change has those of Django's form. */
const WORDS: ProblemWords = {
  ...DRF_WORDS,
  taken: ({ field }) =>
    field === 'email' ? 'A user with this email already exists.' : DRF_WORDS.taken({ field, rule: 'taken' }),
  mismatch: ({ field }) =>
    field === 'new_password2' ? 'The two password fields didn’t match.' : 'The two password fields did not match.',
  too_short: (problem) =>
    problem.field === 'new_password2'
      ? `This password is too short. It must contain at least ${problem.limit} characters.`
      : DRF_WORDS.too_short(problem),
}

const failedLogin: ErrorReplies['wrong_password'] = (_error, at): WireReply =>
  nonFieldError(at, 'Unable to log in with provided credentials.')

/** Every refusal in the words of document 002. */
export const errors: ErrorReplies = {
  ...transportErrors,
  ambiguous_request: (_error, at) => nonFieldError(at, 'Send either "username" or "email", not both.'),
  ...tokenErrors,
  invalid_input: ({ problems }, at) => fieldErrors(at, problems, { order: ORDER, words: WORDS }),
  unknown_account: failedLogin,
  wrong_password: failedLogin,
  account_disabled: (_error, at) => nonFieldError(at, 'User account is disabled.'),
  too_many_attempts: throttled,
  overloaded,
}
