import type { Kysely } from 'kysely'
import type { ImportProgress, ImportStore } from '../../core/ports.ts'
import { atomically } from './atomically.ts'
import type { Engine } from './dialect.ts'
import { unavailable } from './dialect.ts'
import { findUsedIds, importBatch, NameLost } from './import-batch.ts'
import { importSessionBatch } from './import-session-batch.ts'
import { findKnown, isUntouched, takesPassword } from './imported-rows.ts'
import { noteSource } from './imported-sources.ts'
import type { Schema } from './schema.ts'

/** How often a batch is tried again because somebody registered one of its names at the same moment. */
const MOST_TRIES = 10

/** What is moved in from the back end before: batches of its accounts and sessions, and how far imports have come. */
export function createImportStore(
  db: Kysely<Schema>,
  engine: Pick<Engine, 'eachOf' | 'passId' | 'preferIndexes'>,
): ImportStore {
  return {
    async importAccounts({ progress, ...batch }) {
      for (let tries = 1; ; tries++) {
        try {
          return await atomically(db, async (transaction) => {
            await engine.preferIndexes(transaction)
            const outcomes = await importBatch({ db: transaction, engine }, batch)
            if (outcomes.some(({ did }) => did !== 'skipped')) await noteSource(transaction, batch.source)
            await keepProgress(transaction, progress(outcomes), batch.now)
            return outcomes
          })
        } catch (error) {
          if (!(error instanceof NameLost)) throw error
          if (tries === MOST_TRIES) throw unavailable(error)
        }
      }
    },

    importSessions: ({ progress, ...batch }) =>
      atomically(db, async (transaction) => {
        await engine.preferIndexes(transaction)
        const outcomes = await importSessionBatch({ db: transaction, engine }, batch)
        await keepProgress(transaction, progress(outcomes), batch.now)
        return outcomes
      }),

    async findImported(source, legacyIds) {
      const known = await findKnown({ db, engine }, source, legacyIds)
      return [...known.values()].map((row) => ({
        legacyId: row.legacy_id,
        takesPassword: isUntouched(row) && takesPassword(row),
        passwordHash: row.password_hash,
        legacyFormat: row.legacy_format,
      }))
    },

    findUsedIds: (ids) => findUsedIds(db, ids),

    async countLegacySessions(now) {
      const { sessions } = await db
        .selectFrom('sessions')
        .innerJoin('accounts', 'accounts.id', 'sessions.account_id')
        // Their ids are UUIDs of version 8: no other session has one.
        .where('sessions.id', 'like', '________-____-8%')
        .where('sessions.expires_at', '>', now)
        .where('accounts.is_active', '=', 1)
        .whereRef('sessions.credential_version', '=', 'accounts.credential_version')
        .select(({ fn }) => fn.countAll().as('sessions'))
        .executeTakeFirstOrThrow()
      return Number(sessions)
    },

    async findImport(name) {
      const row = await db.selectFrom('imports').selectAll().where('name', '=', name).executeTakeFirst()
      return row === undefined ? null : toProgress(row)
    },

    async listImports(limit) {
      const rows = await db
        .selectFrom('imports')
        .selectAll()
        .orderBy('updated_at', 'desc')
        .orderBy('name')
        .limit(limit)
        .execute()
      return rows.map(toProgress)
    },

    async noteImport(progress, now) {
      await keepProgress(db, progress, now)
    },
  }
}

async function keepProgress(db: Kysely<Schema>, { name, position, state }: ImportProgress, now: number): Promise<void> {
  const row = { position, state, updated_at: now }
  await db
    .insertInto('imports')
    .values({ name, ...row })
    .onConflict((conflict) => conflict.column('name').doUpdateSet(row))
    .execute()
}

function toProgress(row: { name: string; position: number; state: string }): ImportProgress {
  return { name: row.name, position: Number(row.position), state: row.state }
}
