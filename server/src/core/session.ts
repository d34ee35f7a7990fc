import type { Account } from './account.ts'

/**
 * What a session's tokens look like.
 *
 * - `key`: one opaque key, stored as its SHA-256 (document 002).
 * - `jwt`: one long-lived signed access token (documents 000, 001, 003).
 * - `pair`: short access tokens, and a refresh token that makes them (document 004).
 */
export type SessionKind = 'key' | 'jwt' | 'pair'

/** One login. Its row is the truth: when the row is gone, every token of the session is dead everywhere. */
export type Session = {
  /** A random UUID: the `sid` of the session's tokens. */
  readonly id: string
  readonly accountId: number
  readonly kind: SessionKind
  /** The slug of the door through which it was opened. */
  readonly contract: string
  /** Milliseconds since 1970. */
  readonly createdAt: number
  readonly expiresAt: number
  readonly client: SessionClient
}

/** Who is asking, as far as the network tells: what a session remembers of whoever opened it. */
export type SessionClient = {
  /** The canonical network that a budget is kept for: an IPv4 address, an IPv6 /64, or `null` on loopback. */
  readonly network: string | null
  readonly userAgent: string
}

/** Who is asking, through which door, in which request: what budgets are kept for and the audit log tells. */
export type Client = SessionClient & {
  /** The slug of the door. */
  readonly contract: string
  /** The name under which the server's log tells of the request. */
  readonly requestId: string
}

/** A token as it was handed in, once it proved good. */
export type Token = {
  /** A JWT's `jti`; `null` for an opaque key. */
  readonly id: string | null
  /** A JWT's `aud`; `null` where it has none. */
  readonly audience: string | null
  /** Milliseconds since 1970. */
  readonly issuedAt: number
  readonly expiresAt: number
}

/** Who is signed in, and by which login. */
export type SignedIn = {
  readonly account: Account
  readonly session: Session
}

/** A live token and its owner: what every authenticated route works with. */
export type Access = SignedIn & { readonly token: Token }
