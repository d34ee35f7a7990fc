import type { ErrorReplies, WireReply } from '../../http/contract.ts'
import {
  detail,
  fieldErrors,
  invalidHeader,
  nonFieldError,
  overloaded,
  throttled,
  transportErrors,
} from '../../manners/drf/replies.ts'
import { DRF_WORDS, type ProblemWords } from '../../manners/drf/words.ts'
import { REGISTRATION_FIELDS } from './input.ts'

const ORDER = Object.keys(REGISTRATION_FIELDS)
const WORDS: ProblemWords = { ...DRF_WORDS, taken: ({ field }) => `user with this ${field} already exists.` }
const CHALLENGE = { 'www-authenticate': 'Token' }

const failedLogin: ErrorReplies['wrong_password'] = (_error, at): WireReply =>
  nonFieldError(at, 'A user with this email and password was not found.')

/** Every refusal in the words of documents 000 and 001. */
export const errors: ErrorReplies = {
  ...transportErrors,
  invalid_input: ({ problems }, at) => fieldErrors(at, problems, { order: ORDER, words: WORDS }),
  unknown_account: failedLogin,
  wrong_password: failedLogin,
  account_disabled: failedLogin,
  too_many_attempts: throttled,
  unauthenticated: (_error, at) => detail(at, 401, 'Authentication credentials were not provided.', CHALLENGE),
  malformed_authorization: (error, at) => detail(at, 401, invalidHeader(error), CHALLENGE),
  invalid_access_token: (_error, at) => detail(at, 401, 'Invalid token.', CHALLENGE),
  expired_access_token: (_error, at) => detail(at, 401, 'The Token is expired', CHALLENGE),
  account_inactive: (_error, at) => detail(at, 401, 'User inactive or deleted.', CHALLENGE),
  invalid_token: (_error, at) => detail(at, 401, 'Invalid token.', CHALLENGE),
  overloaded,
}
