import type { AuthError } from '../core/errors.ts'
import type { ErrorReplies, WireReply } from '../http/contract.ts'
import { BODY_LIMIT } from '../http/wire-request.ts'

/** The codes that RFC 6749 (5.2) and RFC 7009 (2.2.1) name, and two of RFC 6749 (4.1.2.1) for what is our fault. */
type OauthCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'unauthorized_client'
  | 'invalid_grant'
  | 'temporarily_unavailable'
  | 'server_error'

/** An error as RFC 6749 (5.2) has it: a description holds ASCII only, and neither quotes nor backslashes. */
function refusal(
  status: number,
  error: OauthCode,
  description: string,
  headers: Readonly<Record<string, string>> = {},
): WireReply {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: { error, error_description: description },
  }
}

/** A service that is known and may not do this. */
export function refuseService(): WireReply {
  return refusal(
    400,
    'unauthorized_client',
    'This client may not revoke tokens. An operator can make one that may: latchkey clients create NAME --may-revoke.',
  )
}

/** Nobody is told whether it was the id or the secret. */
const invalidClient = () =>
  refusal(401, 'invalid_client', 'Send the id and the secret of a registered client, as Basic or in the form.', {
    'www-authenticate': 'Basic realm="latchkey"',
  })

const invalidToken = () => refusal(400, 'invalid_request', 'The token is not good.')
const invalidGrant = () => refusal(400, 'invalid_grant', 'No active account has this name and password.')

function later(status: 429 | 503, { retryAfter }: AuthError, description: string): WireReply {
  return refusal(status, 'temporarily_unavailable', description, { 'retry-after': String(retryAfter) })
}

/** Every refusal in the words of OAuth 2.0. */
export const errors: ErrorReplies = {
  invalid_input: ({ problems }) => {
    const names = problems.map(({ field }) => field).join(', ')
    return refusal(400, 'invalid_request', `Missing or not good: ${names}.`)
  },
  unknown_account: invalidGrant,
  wrong_password: invalidGrant,
  account_disabled: invalidGrant,
  too_many_attempts: (error) => later(429, error, 'Too many attempts. Wait as long as Retry-After says.'),
  invalid_access_token: invalidToken,
  expired_access_token: invalidToken,
  account_inactive: invalidToken,
  invalid_token: invalidToken,
  overloaded: (error) => later(503, error, 'Latchkey cannot tell just now. Try again after Retry-After.'),
  malformed_body: ({ detail }) => refusal(400, 'invalid_request', `The request cannot be read: ${detail}.`),
  not_an_object: () => refusal(400, 'invalid_request', 'The body must be a form.'),
  unsupported_media_type: () => refusal(415, 'invalid_request', 'Send application/x-www-form-urlencoded.'),
  body_too_large: () => refusal(413, 'invalid_request', `Send at most ${BODY_LIMIT} bytes.`),
  unauthenticated: invalidClient,
  malformed_authorization: () =>
    refusal(400, 'invalid_request', 'Authenticate once: either as Basic or in the form, not both.'),
  not_acceptable: () => refusal(406, 'invalid_request', 'Only application/json is spoken here.'),
  method_not_allowed: (_error, { request, methods }) =>
    refusal(405, 'invalid_request', `${request.method} means nothing here.`, { allow: methods.join(', ') }),
  not_found: () => refusal(404, 'invalid_request', 'There is nothing at this path.'),
  ambiguous_request: () => refusal(400, 'invalid_request', 'This request can be read in two ways.'),
  server_error: () => refusal(500, 'server_error', 'Something went wrong on our side; it has been logged.'),
}
