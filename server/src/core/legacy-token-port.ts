import type { TokenUse } from './ports.ts'
import type { SessionKind } from './session.ts'
import type { StoredSession } from './store-port.ts'

/** What a token says that a source gave out, once its signature has proved it. Times are milliseconds since 1970. */
export type LegacyToken = {
  /** The slug of the contract whose tokens are signed so. */
  readonly contract: string
  readonly use: TokenUse
  /** Whose it is, in the source's words. */
  readonly legacyId: string
  /** Its `jti`, if it has one. */
  readonly id: string | null
  /** What tells it from all others: two spellings of one token have the same. */
  readonly digest: string
  readonly issuedAt: number
  readonly expiresAt: number
}

/** One digest, or those of two versions of what made it. */
export type OpaqueDigests = readonly [string] | readonly [string, string]

/** Knows tokens that sources gave out. It asks nobody: what is forged costs no look-up. */
export type LegacyTokens = {
  /** What a signed token says that a source gave out for this use before the cut-over; `null` for anything else. */
  read(token: string, use: TokenUse): LegacyToken | null
  /** The digests under which a source may have kept an opaque token; `null` where it cannot be one. */
  digestOpaque(token: string): OpaqueDigests | null
}

/** A session to be opened for a token that a source gave out. */
export type AdoptedSession = {
  readonly id: string
  /** Where the account came from. */
  readonly source: string
  /** Where it came from if no accounts were imported from there: back ends that are not told apart have one source. */
  readonly otherSource: string
  readonly legacyId: string
  readonly kind: SessionKind
  readonly contract: string
  readonly tokenHash: string
  readonly createdAt: number
  readonly expiresAt: number
  readonly network: string | null
  readonly userAgent: string
}

/** What came of a token's first sight. */
export type SessionAdoption =
  | { readonly stored: StoredSession; readonly isNew: boolean }
  | {
      /**
       * `unknown`: no such account was moved in. `revoked`: it was ended, or the account takes no legacy tokens any more.
       * `inactive`: the account is disabled.
       */
      readonly refused: 'unknown' | 'revoked' | 'inactive'
      readonly accountId: number | null
    }

/** Where sessions are kept that sources had opened. */
export type LegacySessionStore = {
  /**
   * Opens a session for a token that a source gave out, or finds the one that was, only if in that very step the account is
   * active and takes legacy tokens, and this one was not revoked. Of concurrent callers exactly one is told `isNew`.
   */
  adoptSession(session: AdoptedSession): Promise<SessionAdoption>
  /** The session that has either of these digests; where there is none, whose token it was if it was revoked. */
  findLegacyKey(
    digests: OpaqueDigests,
    now: number,
  ): Promise<{ readonly stored: StoredSession | null; readonly revokedOf: number | null }>
}
