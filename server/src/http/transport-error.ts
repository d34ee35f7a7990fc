/**
 * What can be wrong with a request before anybody looks at what it asks for, as a closed list.
 *
 * - `malformed_body`: the bytes are not what their content type says; `detail` has the parser's words.
 * - `not_an_object`: the body is sound, but no set of named fields; `detail` says what it is instead.
 * - `unsupported_media_type`: nobody here reads this content type (`detail`).
 * - `unauthenticated`: a token is needed and none was sent.
 * - `malformed_authorization`: `Authorization` names a known scheme but holds no single token; `detail` says why:
 *   `no_token`, `too_many_parts` or `invalid_characters`.
 * - `ambiguous_request`: two contracts that share the path both recognise the request as theirs.
 */
export type TransportCode =
  | 'malformed_body'
  | 'not_an_object'
  | 'unsupported_media_type'
  | 'body_too_large'
  | 'unauthenticated'
  | 'malformed_authorization'
  | 'not_acceptable'
  | 'method_not_allowed'
  | 'not_found'
  | 'ambiguous_request'
  | 'server_error'

/** A request that cannot be understood or answered as it was sent. */
export class TransportError extends Error {
  readonly code: TransportCode
  /** Words for people: of a parser, or the thing that was refused. Never any part of the body. */
  readonly detail: string

  constructor(code: TransportCode, details: { detail?: string; cause?: unknown } = {}) {
    super(code, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'TransportError'
    this.code = code
    this.detail = details.detail ?? ''
  }
}
