import type { AttemptLimits } from './attempt-rules.ts'
import type { Letter } from './mail.ts'
import type { Store } from './store-port.ts'

/** The store is the largest port: it has a file of its own. */
export type * from './store-port.ts'

/**
 * Everything core needs from outside, in core's own words. `start.ts` supplies the real things.
 * There is no `transaction()`: what must happen together is one named method.
 */
export type Ports = {
  readonly store: Store
  readonly passwords: Passwords
  readonly tokens: Tokens
  readonly signer: Signer
  readonly audit: Audit
  /** `null` where no mail can be sent: then nobody asks for letters. */
  readonly mailer: Mailer | null
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly limits: AttemptLimits
}

/** Hashes and checks passwords, a bounded number at a time. */
export type Passwords = {
  /** @throws {AuthError} `overloaded` when the queue is longer than its wait. */
  hash(password: string): Promise<string>
  /**
   * Checks a password against a PHC string, or, when that is `null`, does the same work against a decoy and says no.
   *
   * @throws {AuthError} `overloaded` when the queue is longer than its wait.
   */
  verify(passwordHash: string | null, password: string): Promise<boolean>
  /** Whether a hash was made with weaker parameters than those in force. */
  needsRehash(passwordHash: string): boolean
}

/** Everything random, and the one-way form in which secrets are stored. */
export type Tokens = {
  /** An opaque token: 40 hexadecimal digits, 160 bits from the system's generator. */
  makeKey(): string
  /** A secret for a letter's link: 256 bits from the system's generator, in base64url. */
  makeSecret(): string
  /** 32 hexadecimal digits, 128 random bits: a token's `jti`. */
  makeTokenId(): string
  /** A random UUID, version 4. */
  makeId(): string
  /** SHA-256 in hexadecimal: what is stored in place of a token. */
  digest(token: string): string
}

/** What a signed token can be used for. The two are never interchangeable. */
export type TokenUse = 'access' | 'refresh'

/** The claims that Latchkey itself relies on; a contract may add others for its clients. */
export type TokenClaims = {
  readonly sub: string
  readonly sid: string
  readonly jti: string
  readonly iat: number
  readonly exp: number
  readonly token_type: TokenUse
}

/** Signs and checks JWTs. */
export type Signer = {
  /** Signs a JWT (ES256). `iss` and `kid` are the signer's; times are in whole seconds since 1970. */
  sign(claims: TokenClaims & Readonly<Record<string, unknown>>): Promise<string>
  /**
   * The claims of a token that we signed for this use, whether or not its time is over; `null` for anything else.
   * Only canonical text is accepted: a padded, cut or re-cased token is not the token.
   */
  verify(token: string, use: TokenUse): Promise<TokenClaims | null>
}

/** Sends letters. Rejects when the letter was not taken; then it is tried again. */
export type Mailer = { send(letter: Letter): Promise<void> }

/** Something an operator may want to know later. Never a secret, never a password, never a token. */
export type AuditEvent = {
  readonly type: 'privileged_field_ignored' | 'account_registered' | 'password_changed' | 'account_disabled'
  readonly accountId: number
  readonly detail?: Readonly<Record<string, string>>
}

/** Where events go that an operator may want to know later. */
export type Audit = { record(event: AuditEvent): void }
