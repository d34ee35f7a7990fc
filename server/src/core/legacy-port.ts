import type { Profile } from './account.ts'
import type { NamedIdentifier } from './store-port.ts'

/**
 * The back end before, from which accounts are moved in. Names that more than one thing goes by:
 *
 * - a *source* names one such back end: the accounts of two may have the same ids. It is a contract's slug where
 *   tokens of that contract are to find their accounts, and `default` otherwise;
 * - a *legacy id* is what a source called an account: a number, a UUID, an ObjectId, as text;
 * - a *legacy format* names how a hash is written that is not our own: see `crypto/legacy/formats.ts`;
 * - a *legacy token* is one that a source gave out.
 */

/** The source of accounts that no contract's tokens name, or of all, where there was one back end. */
export const DEFAULT_SOURCE = 'default'

/** An account as a source had it, read, judged and ready to be kept. Times are milliseconds since 1970. */
export type ImportedAccount = {
  readonly legacyId: string | null
  /** The id that it keeps, or `null` for the next that is free. */
  readonly id: number | null
  readonly subject: string
  readonly email: string | null
  readonly username: string | null
  readonly identifiers: readonly NamedIdentifier[]
  readonly emailVerified: boolean
  readonly profile: Profile
  readonly isActive: boolean
  readonly isStaff: boolean
  /** As it is stored: verbatim, or wrapped where it was fast; `null` for an account without a password. */
  readonly passwordHash: string | null
  /** The name of the hash's format; `null` where it is our own or there is none. */
  readonly legacyFormat: string | null
  readonly createdAt: number
  readonly lastLoginAt: number | null
}

/** Why an account was left where it is. None is ever merged with another. */
export type ImportRefusal = 'email_taken' | 'username_taken' | 'id_taken'

/** What became of one account of an import. */
export type ImportOutcome =
  | { readonly did: 'imported' | 'updated' | 'unchanged'; readonly accountId: number }
  | { readonly did: 'skipped'; readonly why: ImportRefusal }

/** How far an import has come. */
export type ImportProgress = {
  /** Of the import: the same command on the same file has the same. */
  readonly name: string
  /** How many rows of its input are done with. */
  readonly position: number
  /** Whatever else it needs to go on, in JSON. */
  readonly state: string
}

/** A session that a source had opened, by the digest of its opaque key, or of what tells its token from all others. */
export type ImportedSession = {
  readonly id: string
  readonly source: string
  /** Whose it is: the account has been imported before. */
  readonly legacyId: string
  readonly kind: 'key' | 'jwt' | 'pair'
  readonly contract: string
  readonly tokenHash: string
  readonly createdAt: number
  readonly expiresAt: number
}

/** Where what is moved in is kept. */
export type ImportStore = {
  /**
   * Keeps a batch of accounts, and notes how far the import is, in one step. An account whose source and legacy id are
   * known is brought up to date, unless its owner changed it here meanwhile: a password set here stays.
   *
   * @returns what became of each, in the same order.
   */
  importAccounts(batch: {
    readonly source: string
    readonly accounts: readonly ImportedAccount[]
    readonly progress: ImportProgress
    readonly now: number
  }): Promise<readonly ImportOutcome[]>
  /**
   * Keeps a batch of sessions that a source had opened, and ends those that it had ended; those already known stay as
   * they are. Nothing is kept for an account that takes no legacy tokens any more.
   *
   * @returns for each whether it is alive here now, and if not, why.
   */
  importSessions(batch: {
    readonly sessions: readonly ImportedSession[]
    /** The digests of tokens that the source had revoked, and when they would have expired. */
    readonly revoked: readonly {
      readonly source: string
      readonly legacyId: string
      readonly tokenHash: string
      readonly expiresAt: number
    }[]
    readonly progress: ImportProgress
    readonly now: number
  }): Promise<readonly ('imported' | 'known' | 'no_account')[]>
  /** How far an import has come, or `null` where it has not begun. */
  findImport(name: string): Promise<ImportProgress | null>
  /** How many accounts there are, and how many of them still have a hash of which legacy format. */
  countLegacyFormats(): Promise<{ readonly accounts: number; readonly formats: Readonly<Record<string, number>> }>
}
