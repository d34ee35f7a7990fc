import type { AuthError, Problem } from '../../core/errors.ts'
import type { Circumstances, ErrorReplies, WireReply } from '../../http/contract.ts'
import type { TransportCode } from '../../http/transport-error.ts'
import { BODY_LIMIT } from '../../http/wire-request.ts'
import type { ProblemWords } from './words.ts'

/** A reply with the headers that every DRF view sends. The content type has no charset: clients compare it whole. */
export function drfReply(
  methods: readonly string[],
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): WireReply {
  const allow: Record<string, string> = methods.length === 0 ? {} : { allow: methods.join(', ') }
  return { status, headers: { 'content-type': 'application/json', vary: 'Accept', ...allow, ...headers }, body }
}

/** DRF's one-sentence error. */
export function detail(
  { methods }: Circumstances,
  status: number,
  sentence: string,
  headers?: Readonly<Record<string, string>>,
): WireReply {
  return drfReply(methods, status, { detail: sentence }, headers)
}

/** An error that belongs to no single field. */
export function nonFieldError({ methods }: Circumstances, sentence: string): WireReply {
  return drfReply(methods, 400, { non_field_errors: [sentence] })
}

/** All problems by field, the fields in the order in which the serializer has them. */
export function fieldErrors(
  { methods }: Circumstances,
  problems: readonly Problem[],
  { order, words }: { order: readonly string[]; words: ProblemWords },
): WireReply {
  const fields = new Set([...order, ...problems.map(({ field }) => field)])
  const body: Record<string, string[]> = {}
  for (const field of fields) {
    const sentences = problems
      .filter((problem) => problem.field === field)
      .map((problem) => words[problem.rule](problem))
    if (sentences.length > 0) body[field] = sentences
  }
  return drfReply(methods, 400, body)
}

/** 429 in DRF's words, with the whole seconds to wait. */
export function throttled({ retryAfter }: AuthError, at: Circumstances): WireReply {
  const wait = `${retryAfter} second${retryAfter === 1 ? '' : 's'}`
  return detail(at, 429, `Request was throttled. Expected available in ${wait}.`, {
    'retry-after': String(retryAfter),
  })
}

/** 503: the work cannot be done now. */
export function overloaded({ retryAfter }: AuthError, at: Circumstances): WireReply {
  return detail(at, 503, 'Service temporarily unavailable, try again later.', { 'retry-after': String(retryAfter) })
}

/** What DRF says of requests that cannot be understood: the same in every contract that came from it. */
export const transportErrors: Omit<Pick<ErrorReplies, TransportCode>, 'unauthenticated' | 'malformed_authorization'> = {
  malformed_body: (error, at) => detail(at, 400, error.detail),
  not_an_object: (error, at) =>
    nonFieldError(
      at,
      error.detail === 'NoneType'
        ? 'No data provided'
        : `Invalid data. Expected a dictionary, but got ${error.detail}.`,
    ),
  unsupported_media_type: (error, at) => detail(at, 415, `Unsupported media type "${error.detail}" in request.`),
  body_too_large: (_error, at) => detail(at, 413, `Request body too large. Send at most ${BODY_LIMIT} bytes.`),
  not_acceptable: (_error, at) => detail(at, 406, 'Could not satisfy the request Accept header.'),
  method_not_allowed: (_error, at) => detail(at, 405, `Method "${at.request.method}" not allowed.`),
  not_found: (_error, at) => detail(at, 404, 'Not found.'),
  ambiguous_request: (_error, at) => nonFieldError(at, 'This request can be read in two ways.'),
  server_error: (_error, at) => detail(at, 500, 'A server error occurred.'),
}

const TOKEN_CHALLENGE = { 'www-authenticate': 'Token' }

function tokenError(at: Circumstances, sentence: string): WireReply {
  return detail(at, 401, sentence, TOKEN_CHALLENGE)
}

/** What DRF's own token authentication, and its usual subclass that lets tokens expire, say of a request's token. */
export const tokenErrors = {
  unauthenticated: (_error, at) => tokenError(at, 'Authentication credentials were not provided.'),
  malformed_authorization: (error, at) => tokenError(at, invalidHeader(error.detail)),
  invalid_access_token: (_error, at) => tokenError(at, 'Invalid token.'),
  expired_access_token: (_error, at) => tokenError(at, 'The Token is expired'),
  account_inactive: (_error, at) => tokenError(at, 'User inactive or deleted.'),
  invalid_token: (_error, at) => tokenError(at, 'Invalid token.'),
} satisfies Partial<ErrorReplies>

function invalidHeader(reason: string): string {
  switch (reason) {
    case 'no_token':
      return 'Invalid token header. No credentials provided.'
    case 'invalid_characters':
      return 'Invalid token header. Token string should not contain invalid characters.'
    default:
      return 'Invalid token header. Token string should not contain spaces.'
  }
}
