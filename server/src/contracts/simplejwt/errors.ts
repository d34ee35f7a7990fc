import type { Circumstances, ErrorReplies, WireReply } from '../../http/contract.ts'
import {
  drfReply,
  fieldErrors,
  nonFieldError,
  overloaded,
  throttled,
  transportErrors,
} from '../../manners/drf/replies.ts'
import { DRF_WORDS } from '../../manners/drf/words.ts'
import { REGISTRATION_FIELDS } from './input.ts'

const ORDER = Object.keys(REGISTRATION_FIELDS)
const CHALLENGE = { 'www-authenticate': 'Bearer realm="api"' }

/** Every refusal in the words of document 004. With `withCodes`, SimpleJWT's own extra keys are added. */
export function createErrors({ withCodes }: { withCodes: boolean }): ErrorReplies {
  function unauthorised(at: Circumstances, detail: string, code: string | null, extra = {}): WireReply {
    const codes = withCodes && code !== null ? { code, ...extra } : {}
    return drfReply(at.methods, 401, { detail, ...codes }, CHALLENGE)
  }

  const failedLogin: ErrorReplies['wrong_password'] = (_error, at) =>
    unauthorised(at, 'No active account found with the given credentials', null)
  const invalidAccess: ErrorReplies['invalid_access_token'] = (_error, at) =>
    unauthorised(at, 'Given token not valid for any token type', 'token_not_valid', {
      messages: [{ token_class: 'AccessToken', token_type: 'access', message: 'Token is invalid or expired' }],
    })

  return {
    ...transportErrors,
    ambiguous_request: (_error, at) => nonFieldError(at, 'Send either "username" or "email", not both.'),
    invalid_input: ({ problems }, at) => fieldErrors(at, problems, { order: ORDER, words: DRF_WORDS }),
    unknown_account: failedLogin,
    wrong_password: failedLogin,
    account_disabled: failedLogin,
    too_many_attempts: throttled,
    unauthenticated: (_error, at) => unauthorised(at, 'Authentication credentials were not provided.', null),
    malformed_authorization: (_error, at) =>
      unauthorised(at, 'Authorization header must contain two space-delimited values', 'bad_authorization_header'),
    invalid_access_token: invalidAccess,
    expired_access_token: invalidAccess,
    account_inactive: (_error, at) => unauthorised(at, 'User is inactive', 'user_inactive'),
    invalid_token: (_error, at) => unauthorised(at, 'Token is invalid or expired', 'token_not_valid'),
    overloaded,
  }
}
