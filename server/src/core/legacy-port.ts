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

/**
 * The legacy format of a hash that could not be read, and so is not stored: whoever has it may still be adopted from a server
 * that runs.
 */
export const UNREADABLE_FORMAT = 'unreadable'

/** An account as a source had it, read, judged and ready to be kept. Times are milliseconds since 1970. */
export type ImportedAccount = {
  /** Where a source has no ids, a name stands in: `email:ada@example.com`. */
  readonly legacyId: string
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
export type ImportRefusal =
  | 'email_taken'
  | 'username_taken'
  | 'id_taken'
  | 'repeated'
  | 'somebody_else'
  | 'deleted_here'

/** What became of one account of an import. */
export type ImportOutcome =
  | { readonly did: 'imported' | 'updated' | 'unchanged'; readonly accountId: number }
  | { readonly did: 'skipped'; readonly why: ImportRefusal }

/** What an import knows of hashes that do not say it of themselves. */
export type HashHints = {
  /** The password hash parameters of a Firebase project, as its console shows them; key and separator in base64. */
  readonly firebase?: {
    readonly signerKey: string
    readonly saltSeparator: string
    readonly rounds: number
    readonly memCost: number
  }
  /** How digests were made that are nothing but a digest. */
  readonly plain?: PlainDigest
  /** The salt of one row, where it has a column of its own: in base64 for Firebase, else as `plain` says. */
  readonly salt?: string
}

/** One digest of a password and a salt, made in one go. `key` is HMAC with the salt as its key. */
export type PlainDigest = {
  readonly algorithm: 'md5' | 'sha1' | 'sha256' | 'sha512'
  readonly salt: 'none' | 'before' | 'after' | 'key'
  readonly saltEncoding: 'utf8' | 'hex' | 'base64'
}

/** What a source kept for a password, once it was read. A `format` that is `null` is our own, or no password at all. */
export type JudgedHash = {
  readonly format: string | null
  /** Whether it is quick to try, so that argon2id is put around it. */
  readonly isWrapped: boolean
  readonly hasPassword: boolean
}

/** Takes in the hashes of other back ends. `crypto/legacy/take-in.ts` has it. */
export type LegacyHashes = {
  /**
   * What `takeIn` would make of a hash, at next to no cost.
   *
   * @param kept what the source kept: text, or an object where that is how it keeps them (Keycloak, Auth0).
   */
  judge(kept: unknown, hints?: HashHints): JudgedHash | { readonly problem: string }
  /** What is to be stored for a hash: itself, or, where it is quick to try, argon2id of its digest. It never throws. */
  takeIn(
    kept: unknown,
    hints?: HashHints,
  ): Promise<{ readonly stored: string | null; readonly legacyFormat: string | null } | { readonly problem: string }>
  /** Whether what is stored (`null` for no password) was made of this very hash. Costs an argon2id where it was wrapped. */
  isTakenIn(stored: string | null, kept: unknown, hints?: HashHints): Promise<boolean>
}

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

/** Hashes of other back ends among our own. */
export type LegacyHashStore = {
  /**
   * Some hashes of the accounts whose subject comes next after a point, so that who has a random point has hashes as the
   * accounts have them. Few rows are looked at, however many there are.
   */
  findNeighbours(point: string): Promise<readonly string[]>
  /** How many accounts there are, and how many of them still have a hash of which legacy format. */
  countLegacyFormats(): Promise<{ readonly accounts: number; readonly formats: Readonly<Record<string, number>> }>
}
