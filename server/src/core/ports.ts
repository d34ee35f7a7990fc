import type { AttemptLimits } from './attempt-rules.ts'
import type { AuditEvent } from './audit-event.ts'
import type { AuditChain } from './audit-port.ts'
import type { KeyMaker, PublicKey } from './key-port.ts'
import type { LegacyHashes } from './legacy-port.ts'
import type { LegacyServers } from './legacy-server-port.ts'
import type { LegacyTokens } from './legacy-token-port.ts'
import type { Letter } from './mail.ts'
import type { Memories } from './memory-port.ts'
import type { Store } from './store-port.ts'

/** The store is the largest port: it has a file of its own. */
export type * from './audit-event.ts'
export type * from './audit-port.ts'
export type * from './delivery-port.ts'
export type * from './export-port.ts'
export type * from './import-port.ts'
export type * from './key-port.ts'
export type * from './legacy-port.ts'
export type * from './legacy-server-port.ts'
export type * from './legacy-token-port.ts'
export type * from './letter-port.ts'
export type * from './memory-port.ts'
export type * from './service-client-port.ts'
export type * from './store-port.ts'

/**
 * Everything core needs from outside, in core's own words. `start.ts` supplies the real things.
 * There is no `transaction()`: what must happen together is one named method.
 */
export type Ports = {
  readonly store: Store
  readonly memories: Memories
  readonly passwords: Passwords
  readonly tokens: Tokens
  readonly signer: Signer
  readonly legacyHashes: LegacyHashes
  readonly legacyTokens: LegacyTokens
  readonly keys: KeyMaker
  readonly audit: Audit
  readonly chain: AuditChain
  /** `null` where no mail can be sent: then nobody asks for letters. */
  readonly mailer: Mailer | null
  /** `null` where nobody is to be told of events. */
  readonly webhook: Webhook | null
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly limits: AttemptLimits
  readonly policy: PasswordPolicy
  readonly screening: Screening
  /** `null` where no server of a back end before is to be asked. */
  readonly legacyServers: LegacyServers | null
}

/** Hashes and checks passwords, a bounded number at a time. */
export type Passwords = {
  /** @throws {AuthError} `overloaded` when the queue is longer than its wait. */
  hash(password: string): Promise<string>
  /**
   * Checks exactly this password against a stored hash, our own or one that a back end before made. When that is `null`, or
   * cannot be checked, it does the same work against a decoy and says no.
   *
   * @throws {AuthError} `overloaded` when the queue is longer than its wait.
   */
  verify(passwordHash: string | null, password: string): Promise<boolean>
  /** Whether a hash was made with weaker parameters than those in force, or by a back end before. */
  needsRehash(passwordHash: string): boolean
  /** Whether a stored hash can be checked here at all; of the first that cannot the operator is told. */
  canCheck(passwordHash: string): boolean
  /**
   * How else the back end that made a hash would have spelled a password, besides as it was typed; `null` where the hash is
   * our own, or there is none.
   */
  spellAsBefore(passwordHash: string | null, password: string): readonly string[] | null
  /** Whether a password that came in now would be refused as `overloaded`: then nothing need be done for it before. */
  isFull(coming?: number): boolean
  /** Whether so many passwords wait that the hasher will not be idle soon, even if nobody else is taken in. */
  isBusy(): boolean
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
  /** Whether this is a token's digest, found out in a time that tells nothing of either. */
  matches(token: string, digest: string): boolean
  /**
   * HMAC-SHA-256 in hexadecimal under a key made of the operator's secret: the form in which names and networks are kept
   * where nobody who reads the database should be able to try them out.
   */
  pseudonym(text: string): string
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
  /** The signer's, like `iss`: whoever has a token signed leaves it out. */
  readonly aud?: string
}

/** How a token is written, besides what it claims. */
export type TokenForm = {
  /** The contract of the session: where it has a secret of its own, that signs its tokens. */
  readonly contract: string
  /** `rfc9068`: an access token says that it is one, and whom it is for (RFC 9068). `plain` is a JWT as ever. */
  readonly profile: TokenProfile
}

export type TokenProfile = 'plain' | 'rfc9068'

/** A token that proved to be ours. */
export type VerifiedToken = {
  readonly claims: TokenClaims
  /** When the keys were read that this rests on, on a clock that never goes back, in milliseconds. */
  readonly keysReadAt: number
  /** The contracts for whose sessions alone such a token is good; `null` where it is for any. */
  readonly contracts: readonly string[] | null
}

/** Signs and checks JWTs. */
export type Signer = {
  /** Signs a JWT. `iss`, `kid` and `aud` are the signer's; times are in whole seconds since 1970. */
  sign(claims: TokenClaims & Readonly<Record<string, unknown>>, form: TokenForm): Promise<string>
  /**
   * What a token says that we signed for this use, whether or not its time is over; `null` for anything else.
   * Only canonical text is accepted: a padded, cut or re-cased token is not the token.
   */
  verify(token: string, use: TokenUse): Promise<VerifiedToken | null>
  /** The public halves of the keys whose tokens are good or will be, newest first. */
  listPublicKeys(): Promise<readonly PublicKey[]>
  /** Reads the keys anew: what was done to them in this process holds from now on. */
  reloadKeys(): Promise<void>
}

/** Sends letters. Rejects when the letter was not taken; then it is tried again. */
export type Mailer = { send(letter: Letter): Promise<void> }

/** What a webhook is told. */
export type WebhookMessage = {
  /** The same however often it is told: who has seen it needs it no more. */
  readonly id: string
  /** An `AuditEventType`, as the audit log has it, or `webhook_test`. */
  readonly type: string
  /** When it happened, in milliseconds since 1970. */
  readonly at: number
  readonly data: Readonly<Record<string, string | number | null | Readonly<Record<string, string>>>>
}

/** Tells a webhook of events. */
export type Webhook = {
  /**
   * Rejects when it did not take the message; then it is told again. `gone` says that it wants nothing more.
   *
   * @param options.now what the message's signature says of when it was sent.
   * @param options.signal gives up what is under way.
   */
  send(message: WebhookMessage, options: { now: number; signal?: AbortSignal | undefined }): Promise<'taken' | 'gone'>
}

/** Where events go that an operator may want to know later. It never throws and never makes anybody wait. */
export type Audit = { record(event: AuditEvent): void }

/** Which passwords may be set. */
export type PasswordPolicy = {
  /** `documented`: each contract's own rule and nothing else. `hardened`: long, and none that others would guess. */
  readonly rules: 'documented' | 'hardened'
  /** Names of the product that passwords may not be made of. */
  readonly productNames: readonly string[]
}

/** Knows passwords that others have used. */
export type Screening = {
  /** Whether a password, in whatever case, is among the most common ones. */
  isCommon(password: string): boolean
  /**
   * Whether a breach has shown the password, as far as can be learnt within a second. `false` where nobody is asked, and
   * where whoever is asked does not answer: it never throws.
   */
  isBreached(password: string): Promise<boolean>
}
