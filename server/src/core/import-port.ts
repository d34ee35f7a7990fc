import type { ImportedAccount, ImportedSession, ImportOutcome, ImportProgress } from './legacy-port.ts'

/** What the store has of an account that was imported before. */
export type KnownAccount = {
  readonly legacyId: string
  /** Whether an import may still replace its password: its owner has neither set one here nor signed in with it. */
  readonly takesPassword: boolean
  readonly passwordHash: string | null
  readonly legacyFormat: string | null
}

/** What becomes of an imported session. One that is `known` may also have been ended here: then it stays ended. */
export type SessionOutcome = 'imported' | 'known' | 'no_account'

/** A token that a source had revoked before its time was over. */
export type ImportedRevocation = {
  readonly source: string
  readonly legacyId: string
  readonly tokenHash: string
  readonly expiresAt: number
}

/** Where what is moved in is kept. */
export type ImportStore = {
  /**
   * Keeps a batch of accounts, and notes how far the import is, in one step. An account whose source and legacy id are
   * known is brought up to date, unless its owner changed it here meanwhile: a password set here stays.
   *
   * @param batch.progress what is to be noted, once it is known what becomes of each; it may be asked more than once.
   * @param batch.now when this import began: an account that it has imported already is `repeated`.
   * @returns what became of each, in the same order.
   */
  importAccounts(batch: {
    readonly source: string
    readonly accounts: readonly ImportedAccount[]
    readonly progress: (outcomes: readonly ImportOutcome[]) => ImportProgress
    readonly now: number
  }): Promise<readonly ImportOutcome[]>
  /**
   * Keeps a batch of sessions that a source had opened, and ends those that it had ended; those already known stay as
   * they are, and those that were ended here stay ended. Nothing is kept for an account that takes no legacy tokens, nor
   * for one whose id this import has found to be somebody else's there.
   *
   * @param batch.now when this import began.
   *
   * @returns what became of each session, in the same order.
   */
  importSessions(batch: {
    readonly sessions: readonly ImportedSession[]
    readonly revoked: readonly ImportedRevocation[]
    readonly progress: (outcomes: readonly SessionOutcome[]) => ImportProgress
    readonly now: number
  }): Promise<readonly SessionOutcome[]>
  /** Those of these legacy ids that are known. */
  findImported(source: string, legacyIds: readonly string[]): Promise<readonly KnownAccount[]>
  /** Which of these ids accounts have here. */
  findUsedIds(ids: readonly number[]): Promise<ReadonlySet<number>>
  /** How many sessions are alive that sources had opened. */
  countLegacySessions(now: number): Promise<number>
  /** How far an import has come, or `null` where it has not begun. */
  findImport(name: string): Promise<ImportProgress | null>
  /** Imports, newest first. */
  listImports(limit: number): Promise<readonly ImportProgress[]>
  /** Notes how far an import has come. */
  noteImport(progress: ImportProgress, now: number): Promise<void>
}
