import type { AuthError } from '../core/errors.ts'
import type { Circumstances, ErrorReplies, WireReply } from '../http/contract.ts'
import { BODY_LIMIT } from '../http/wire-request.ts'
import { writeFieldErrors } from './field-errors.ts'

/** The title of a problem of type `about:blank` is its status in words (RFC 9457, 4.2.1). */
const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
}

/** A problem document (RFC 9457) with the machine-readable code that clients hang on. */
export function problem(
  status: number,
  code: string,
  detail: string,
  { headers = {}, members = {} }: { headers?: Readonly<Record<string, string>>; members?: object } = {},
): WireReply {
  return {
    status,
    headers: { 'content-type': 'application/problem+json', ...headers },
    body: { type: 'about:blank', title: TITLES[status], status, detail, code, ...members },
  }
}

/** 401 with its challenge (RFC 6750, 3): without `error` when no token was sent. */
export function unauthorised(code: string, detail: string, error?: 'invalid_token' | 'invalid_request'): WireReply {
  const challenge = error === undefined ? 'Bearer realm="latchkey"' : `Bearer realm="latchkey", error="${error}"`
  return problem(401, code, detail, { headers: { 'www-authenticate': challenge } })
}

/** 403: the token is good, and not enough (RFC 6750, 3.1). */
export function forbidden(detail: string): WireReply {
  const challenge = 'Bearer realm="latchkey", error="insufficient_scope"'
  return problem(403, 'insufficient_scope', detail, { headers: { 'www-authenticate': challenge } })
}

function later(status: 429 | 503, { code, retryAfter }: AuthError, detail: string): WireReply {
  return problem(status, code, detail, { headers: { 'retry-after': String(retryAfter) } })
}

const wrongCredentials: ErrorReplies['wrong_password'] = () =>
  problem(400, 'invalid_credentials', 'No active account has this name and password.')

/** Every refusal as a problem document. */
export const errors: ErrorReplies = {
  invalid_input: ({ problems }) =>
    problem(400, 'invalid_input', 'Some fields are not right; `errors` says which.', {
      members: { errors: writeFieldErrors(problems) },
    }),
  unknown_account: wrongCredentials,
  wrong_password: wrongCredentials,
  account_disabled: wrongCredentials,
  too_many_attempts: (error) => later(429, error, 'Too many attempts. Wait as long as Retry-After says.'),
  unauthenticated: () => unauthorised('unauthenticated', 'Send a token as `Authorization: Bearer …`.'),
  malformed_authorization: () =>
    unauthorised('malformed_authorization', 'Authorization must be a scheme and one token.', 'invalid_request'),
  invalid_access_token: () =>
    unauthorised(
      'invalid_access_token',
      'This token is not valid, or its session has ended. Log in again.',
      'invalid_token',
    ),
  expired_access_token: () =>
    unauthorised('expired_access_token', 'This token has expired. Refresh it or log in again.', 'invalid_token'),
  account_inactive: () => unauthorised('account_inactive', 'This account has been disabled.', 'invalid_token'),
  invalid_token: () => problem(400, 'invalid_token', 'The token that was handed over is not valid.'),
  overloaded: (error) => later(503, error, 'Latchkey cannot do this just now. Try again after Retry-After.'),
  malformed_body: ({ detail }) => problem(400, 'malformed_body', `The body cannot be read: ${detail}.`),
  not_an_object: () => problem(400, 'not_an_object', 'The body must be a JSON object.'),
  unsupported_media_type: () => problem(415, 'unsupported_media_type', 'Send application/json.'),
  body_too_large: () => problem(413, 'body_too_large', `Send at most ${BODY_LIMIT} bytes.`),
  not_acceptable: () => problem(406, 'not_acceptable', 'Only application/json is spoken here.'),
  method_not_allowed: (_error, at) =>
    problem(405, 'method_not_allowed', `${at.request.method} means nothing here.`, { headers: allow(at) }),
  not_found: () => problem(404, 'not_found', 'There is nothing at this path.'),
  ambiguous_request: () => problem(400, 'ambiguous_request', 'This request can be read in two ways.'),
  server_error: () => problem(500, 'server_error', 'Something went wrong on our side; it has been logged.'),
}

function allow({ methods }: Circumstances): Readonly<Record<string, string>> {
  return { allow: methods.join(', ') }
}
