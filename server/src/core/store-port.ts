import type { Account, Credential, Profile } from './account.ts'
import type { AttemptRule } from './attempt-rules.ts'
import type { AuditStore } from './audit-port.ts'
import type { DeliveryStore } from './delivery-port.ts'
import type { ExportStore } from './export-port.ts'
import type { Identifier, IdentifierKind } from './identifier.ts'
import type { ImportStore } from './import-port.ts'
import type { KeyStore } from './key-port.ts'
import type { LegacyHashStore } from './legacy-port.ts'
import type { AdoptionStore } from './legacy-server-port.ts'
import type { LegacySessionStore } from './legacy-token-port.ts'
import type { LetterStore } from './letter-port.ts'
import type { ServiceClientStore } from './service-client-port.ts'
import type { Session, SessionKind } from './session.ts'

/** What core keeps. Every method is atomic, durable when it returns, and safe among processes sharing one database. */
export type Store = AccountStore &
  SessionStore &
  AttemptStore &
  LetterStore &
  AuditStore &
  DeliveryStore &
  ServiceClientStore &
  KeyStore &
  LegacyHashStore &
  LegacySessionStore &
  ImportStore &
  AdoptionStore &
  ExportStore &
  StoreLife

/** An account to be added. Times are milliseconds since 1970. */
export type NewAccount = {
  readonly subject: string
  readonly email: string | null
  readonly username: string | null
  readonly identifiers: readonly NamedIdentifier[]
  readonly profile: Profile
  readonly isActive: boolean
  readonly isStaff: boolean
  readonly hasWeakPassword: boolean
  readonly passwordHash: string | null
  readonly credentialVersion: number
  readonly createdAt: number
}

/** An identifier with the kind of name it is. An address that is both is an `email`. */
export type NamedIdentifier = {
  readonly value: Identifier
  readonly kind: IdentifierKind
  /** Whether nobody but its owner says so, while a back end before may have somebody with that name: see `adoptAccount`. */
  readonly isClaimed?: boolean
}

/** How an operator names an account. */
export type AccountReference =
  | { readonly by: 'id'; readonly id: number }
  | { readonly by: 'identifier'; readonly identifier: Identifier }

/** Where accounts, their names and their credentials are kept. */
export type AccountStore = {
  /**
   * Adds an account with all its identifiers, or none of it. The unique index over identifiers is the judge:
   * `taken` lists those that already belong to somebody, and is empty exactly when `account` is not `null`.
   */
  createAccount(account: NewAccount): Promise<{ account: Account | null; taken: readonly Identifier[] }>
  /** Which of these names already belong to an account. Advice for a form: only `createAccount` decides. */
  findTaken(identifiers: readonly Identifier[]): Promise<readonly Identifier[]>
  /** The account that has this name, with the kind of name it is to it and whether it is only claimed, or `null`. */
  findCredential(
    identifier: Identifier,
  ): Promise<(Credential & { readonly kind: IdentifierKind; readonly isClaimed: boolean }) | null>
  findCredentialById(accountId: number): Promise<Credential | null>
  findAccount(reference: AccountReference): Promise<Account | null>
  /** Accounts with an id above `after`, lowest first: all, or those whose password is weak. */
  listAccounts(page: { after: number; limit: number; isWeakOnly?: boolean }): Promise<readonly Account[]>
  /** Puts a stronger hash of the *same* password in place of exactly `expected` (compare-and-swap). Sessions live on. */
  upgradePasswordHash(accountId: number, expected: string, replacement: string): Promise<boolean>
  /**
   * Sets a new password and, in the same step, ends every session of the account except `keepSession`, counts its
   * credential version up, and so kills every login still under way with the old password, and every letter that would
   * reset it. The networks from which it has signed in before are forgotten.
   * With `expectedVersion`, nothing happens unless it is still the current one.
   *
   * @returns the new credential version, or `null` when the account is gone or its version has moved on.
   */
  replacePassword(change: {
    accountId: number
    passwordHash: string
    hasWeakPassword: boolean
    expectedVersion?: number
    keepSession?: string
    /** The digest of a network that is not forgotten. */
    keepNetwork?: string
    now: number
  }): Promise<number | null>
  /** Notes whether the password with exactly this hash is weak. Nothing happens if another was set meanwhile. */
  flagPassword(accountId: number, flag: { passwordHash: string; hasWeakPassword: boolean }): Promise<boolean>
  /** Enables or disables. Disabling counts the credential version up, so that enabling brings no old session back. */
  setActive(accountId: number, isActive: boolean, now: number): Promise<Account | null>
  /**
   * Changes what is given and leaves the rest, whoever else is changing it. A first or last name that is given makes a
   * new full name of both. `taken` is empty exactly when the change was made, or the account is gone.
   */
  updateProfile(change: {
    accountId: number
    firstName?: string | undefined
    lastName?: string | undefined
    username?: { shown: string; identifiers: readonly NamedIdentifier[] }
    now: number
  }): Promise<{ account: Account | null; taken: readonly Identifier[] }>
  /** Removes the account with its names and sessions. Its id is never given again. */
  deleteAccount(accountId: number): Promise<boolean>
}

/** A session to be opened. Times are milliseconds since 1970. */
export type NewSession = {
  readonly id: string
  readonly accountId: number
  readonly kind: SessionKind
  readonly contract: string
  readonly tokenHash: string | null
  readonly createdAt: number
  readonly expiresAt: number
  readonly network: string | null
  readonly userAgent: string
}

/** A session with its account, and whether the account's credential has moved on since it was opened. */
export type StoredSession = {
  readonly session: Session
  readonly account: Account
  readonly isCurrent: boolean
}

/** Where sessions are kept. A session that is there and current is alive. */
export type SessionStore = {
  /**
   * Opens a session, and records the login, only if in that very statement the account is active and its credential
   * version is still `credentialVersion`. A reset that finished while the old password was being hashed wins.
   * In the same step the login's attempt is settled, and the network it came from remembered.
   *
   * @returns whether the session was opened; if not, nothing else happened either.
   */
  openSession(
    session: NewSession,
    login: { credentialVersion: number; settlement: AttemptSettlement; networkDigest: string | null },
  ): Promise<boolean>
  /** Whether the account has signed in from this network since `since`. */
  isKnownNetwork(network: { accountId: number; digest: string; since: number }): Promise<boolean>
  /** Forgets networks from which nobody has signed in since `before`; says how many. */
  pruneKnownNetworks(before: number): Promise<number>
  /**
   * Whose opaque key this was, if it was ended before its time was over, which at `now` it would not yet be, or `null`.
   */
  findRevokedKey(tokenHash: string, now: number): Promise<{ accountId: number } | null>
  findSession(id: string): Promise<StoredSession | null>
  findSessionByToken(tokenHash: string): Promise<StoredSession | null>
  /**
   * Ends one session. Of concurrent callers exactly one is told `true`. With one that stands for an access or refresh token
   * that a source gave out end those that may have come with it: see `store/sql/end-legacy-session.ts`.
   */
  endSession(id: string): Promise<boolean>
  /** Ends every session of an account, and takes no token of the back end before any more; says how many there were. */
  endSessions(accountId: number): Promise<number>
  /**
   * Ends every session of every account, every one-time token and every letter that waits, takes no token of a back end
   * before any more, and counts all credential versions up, so that nothing which was handed out before means anything.
   */
  endEverySession(): Promise<{ sessions: number; oneTimeTokens: number }>
  listSessions(filter: { accountId?: number; now: number; limit: number }): Promise<readonly Session[]>
  /** Removes rows whose life ended before `before`; says how many. */
  pruneSessions(before: number): Promise<number>
}

/** A counter and the rule it is judged by. */
export type AttemptBudget = {
  readonly key: string
  readonly rule: AttemptRule
  /** Where different things are counted, not attempts: which thing this one is. A second time in one window is free. */
  readonly distinct?: string
}

/** What is owed when an attempt's outcome is known: one attempt given back to each of these, and these forgotten. */
export type AttemptSettlement = {
  readonly release: readonly AttemptBudget[]
  readonly clear: readonly string[]
  /** When what is released was counted: a window that began later did not count it, and gives nothing back. */
  readonly takenAt?: number
}

/** A counter as it stands. Times are milliseconds since 1970. */
export type AttemptCounter = {
  readonly key: string
  readonly count: number
  readonly windowStartedAt: number
  readonly lastAt: number
  /** 0 while it lets everybody through. */
  readonly blockedUntil: number
}

/** Which counters: those with one of these keys, or whose key begins so. */
export type AttemptMatch = { readonly keys: readonly string[] } | { readonly prefix: string }

/** Where attempts are counted. */
export type AttemptStore = {
  /**
   * Counts one attempt against every budget, or against none if any of them is used up, in one step that no concurrent
   * caller can slip through.
   *
   * @returns the budget that is blocked for longest and until when, in milliseconds since 1970, or `null` when the
   *   attempt may go on.
   */
  takeAttempts(
    budgets: readonly AttemptBudget[],
    now: number,
  ): Promise<{ blocked: { readonly key: string; readonly until: number } | null }>
  /** Gives one attempt back to each of `release`, and forgets the counters in `clear`. */
  settleAttempts(settlement: AttemptSettlement): Promise<void>
  /** These counters, those that block longest first. With `blockedAt` those only that block then. */
  listAttempts(filter: AttemptMatch & { blockedAt?: number; limit: number }): Promise<readonly AttemptCounter[]>
  /** Forgets these counters; says how many there were. */
  clearAttempts(filter: AttemptMatch): Promise<number>
  /**
   * Removes counters that nothing has touched since `before`; says how many. Those whose key begins with any of
   * `keep.prefixes` and that have come to `keep.from` attempts stay.
   */
  pruneAttempts(before: number, keep: { prefixes: readonly string[]; from: number }): Promise<number>
}

/** A fact about the database that `doctor` and start-up ask for. */
export type StoreFacts = {
  readonly engine: string
  readonly location: string
  readonly settings: Readonly<Record<string, string>>
  readonly appliedMigrations: readonly string[]
  readonly pendingMigrations: readonly string[]
  readonly accounts: number
  readonly sessions: number
  /** Accounts whose password is weak. */
  readonly weakPasswords: number
  /** What the database's own integrity check says: `ok`, or its first complaint. */
  readonly integrity: string
}

/** The database itself. */
export type StoreLife = {
  /** Resolves if the database answers and, as far as anybody noticed, takes writes. */
  ping(): Promise<void>
  inspect(): Promise<StoreFacts>
  /** A small note that outlives the process and is shared by all, or `null`. */
  readNote(name: string): Promise<string | null>
  writeNote(name: string, value: string): Promise<void>
  /** Keeps the note unless there is one: of concurrent callers all are given the same, the one that is kept. */
  keepNote(name: string, value: string): Promise<string>
  close(): Promise<void>
}
