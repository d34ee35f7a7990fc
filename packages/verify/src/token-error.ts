/**
 * Why a token was not taken. The list is closed, and what a code means never changes:
 *
 * - `missing_token`: there was none.
 * - `malformed_token`: this is no token of Latchkey's, or one that only introspection could judge and none is set up.
 * - `invalid_signature`, `unknown_key`: nobody whom the issuer vouches for signed it.
 * - `wrong_issuer`, `wrong_audience`: it was made by or for somebody else.
 * - `expired`: it was good until a moment that is past.
 * - `not_an_access_token`: a refresh token, say.
 * - `inactive`: Latchkey was asked, and says that it is dead or that it never was alive.
 * - `unavailable`: nobody could say. The one code that is no fault of the token: answer 503, and never let the request in.
 */
export type TokenErrorCode =
  | 'missing_token'
  | 'malformed_token'
  | 'invalid_signature'
  | 'unknown_key'
  | 'wrong_issuer'
  | 'wrong_audience'
  | 'expired'
  | 'not_an_access_token'
  | 'inactive'
  | 'unavailable'

/** What `verify` throws: the token was not taken. */
export class TokenError extends Error {
  override readonly name = 'TokenError'
  readonly code: TokenErrorCode
  /** What a back end answers: 401, or 503 where nobody could say. */
  readonly status: 401 | 503
  /** Seconds after which it makes sense to ask again; `null` where the token itself is at fault. */
  readonly retryAfter: number | null

  constructor(code: TokenErrorCode, message: string, options: { cause?: unknown; retryAfter?: number } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : {})
    this.code = code
    this.status = code === 'unavailable' ? 503 : 401
    this.retryAfter = code === 'unavailable' ? (options.retryAfter ?? 5) : null
  }
}
