import type { Account } from './account.ts'

/** An account with all that is needed to sign it in elsewhere. Only an export has it. */
export type StoredAccount = {
  readonly account: Account
  /** As it is stored, or `null` for an account without a password. */
  readonly passwordHash: string | null
  readonly legacyFormat: string | null
  /** What the source that was asked about called it. */
  readonly legacyId: string | null
}

/** A back end before, and how many of its accounts were given another id here than they had there. */
export type LegacySource = { readonly source: string; readonly accounts: number; readonly moved: number }

/** Where accounts are taken from that leave. */
export type ExportStore = {
  /** Accounts with an id above `after`, lowest first, and what `source` called them. */
  listStoredAccounts(page: {
    readonly after: number
    readonly limit: number
    readonly source: string | null
  }): Promise<readonly StoredAccount[]>
  /** The sources whose accounts have ids. */
  listLegacySources(): Promise<readonly LegacySource[]>
}
