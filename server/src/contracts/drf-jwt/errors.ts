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
import { REGISTRATION_FIELDS } from './input.ts'

const ORDER = Object.keys(REGISTRATION_FIELDS)
const WORDS: ProblemWords = { ...DRF_WORDS, taken: ({ field }) => `user with this ${field} already exists.` }

const failedLogin: ErrorReplies['wrong_password'] = (_error, at): WireReply =>
  nonFieldError(at, 'A user with this email and password was not found.')

/** Every refusal in the words of documents 000 and 001. */
export const errors: ErrorReplies = {
  ...transportErrors,
  ...tokenErrors,
  invalid_input: ({ problems }, at) => fieldErrors(at, problems, { order: ORDER, words: WORDS }),
  unknown_account: failedLogin,
  wrong_password: failedLogin,
  account_disabled: failedLogin,
  too_many_attempts: throttled,
  overloaded,
}
