import { type Kysely, sql } from 'kysely'
import type { ExportStore } from '../../core/ports.ts'
import { ACCOUNT_COLUMNS, toAccount } from './rows.ts'
import type { Schema } from './schema.ts'

/** What leaves for another back end: accounts with their hashes. */
export function createExportStore(db: Kysely<Schema>): ExportStore {
  return {
    async listStoredAccounts({ after, limit, source }) {
      const legacyId = sql<string | null>`(select min(legacy_id) from legacy_ids
        where legacy_ids.account_id = accounts.id and source = cast(${source} as text))`
      const rows = await db
        .selectFrom('accounts')
        .select([...ACCOUNT_COLUMNS, 'accounts.password_hash', 'accounts.legacy_format', legacyId.as('legacy_id')])
        .where('accounts.id', '>', after)
        .orderBy('accounts.id')
        .limit(limit)
        .execute()
      return rows.map(({ password_hash: passwordHash, legacy_format: legacyFormat, legacy_id: legacyId, ...row }) => ({
        account: toAccount(row),
        passwordHash,
        legacyFormat,
        legacyId,
      }))
    },

    async listLegacySources() {
      const isMoved = sql<number>`sum(case when legacy_id = cast(account_id as text) then 0 else 1 end)`
      const rows = await db
        .selectFrom('legacy_ids')
        // A name that stands in for an id is none.
        .where('legacy_id', 'not like', '%:%')
        .select(({ fn }) => ['source', fn.countAll().as('accounts'), isMoved.as('moved')])
        .groupBy('source')
        .orderBy('source')
        .execute()
      return rows.map(({ source, accounts, moved }) => ({ source, accounts: Number(accounts), moved: Number(moved) }))
    },
  }
}
