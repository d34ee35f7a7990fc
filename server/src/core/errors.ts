/** The rules a field of an input can break. A door words each of them; see its manner's words. */
export type ProblemRule =
  | 'required'
  | 'unknown'
  | 'blank'
  | 'null'
  | 'not_text'
  | 'not_boolean'
  | 'too_short'
  | 'too_long'
  | 'null_character'
  | 'lone_surrogate'
  | 'invalid_email'
  | 'invalid_username'
  | 'invalid_phone_number'
  | 'needs_numeral'
  | 'needs_letter'
  | 'mismatch'
  | 'wrong_password'
  | 'invalid_value'
  | 'common'
  | 'breached'
  | 'too_similar'
  | 'taken'

/** What a password is too similar to. */
export type SimilarTo = 'username' | 'first_name' | 'last_name' | 'name' | 'email' | 'product'

/** One thing that is wrong with one field of an input. */
export type Problem = {
  /** The field as the door's document names it (`password1`), or as core does (`email`, `username`, `password`). */
  readonly field: string
  readonly rule: ProblemRule
  /** The limit that was broken, in code points, for `too_short` and `too_long`. */
  readonly limit?: number
  /** The offending code unit, for `lone_surrogate`. */
  readonly codeUnit?: number
  /** Whose name it is, for `too_similar`. */
  readonly similarTo?: SimilarTo
}

/**
 * Everything core can refuse, as a closed list. A code's meaning never changes; each door has its own words for it.
 *
 * - `invalid_input`: fields are wrong; `problems` says which.
 * - `unknown_account`, `wrong_password`: a failed login. Only a door whose document tells them apart may do so.
 * - `account_disabled`: a login with the *right* password for a disabled account.
 * - `too_many_attempts`: the guess budget is used up; `retryAfter` says for how long.
 * - `invalid_access_token`: the request's own token is unknown, revoked, forged or of the wrong kind.
 * - `expired_access_token`: the request's own token has outlived its life.
 * - `account_inactive`: the request's own token is sound, but its account has been disabled.
 * - `invalid_token`: a token handed over as *data* (to refresh, verify or blacklist it) is not good.
 * - `overloaded`: the work cannot be done now (hash queue full, database away); try again after `retryAfter`.
 */
export type AuthErrorCode =
  | 'invalid_input'
  | 'unknown_account'
  | 'wrong_password'
  | 'account_disabled'
  | 'too_many_attempts'
  | 'invalid_access_token'
  | 'expired_access_token'
  | 'account_inactive'
  | 'invalid_token'
  | 'overloaded'

/** What an `AuthError` may carry besides its code. */
export type AuthErrorDetails = {
  readonly problems?: readonly Problem[]
  /** Whole seconds to wait, at least 1. */
  readonly retryAfter?: number
  /** The identifier as its owner typed it, where a document echoes it. */
  readonly identifier?: string
  readonly cause?: unknown
}

/** An expected refusal. It knows no status and no sentence: those belong to the door. */
export class AuthError extends Error {
  readonly code: AuthErrorCode
  readonly problems: readonly Problem[]
  readonly retryAfter: number
  readonly identifier: string | null

  constructor(code: AuthErrorCode, details: AuthErrorDetails = {}) {
    super(code, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'AuthError'
    this.code = code
    this.problems = details.problems ?? []
    this.retryAfter = Math.max(1, Math.ceil(details.retryAfter ?? 1))
    this.identifier = details.identifier ?? null
  }
}
