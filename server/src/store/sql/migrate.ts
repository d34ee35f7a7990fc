import type { Kysely } from 'kysely'
import { Migrator } from 'kysely/migration'
import { MIGRATIONS } from './migrations/index.ts'
import type { Schema } from './schema.ts'

/**
 * Brings the database to the newest schema, each migration whole or not at all.
 *
 * @returns the names of the migrations that were applied now.
 * @throws {Error} one sentence for the operator, when the database was written by a newer Latchkey or a migration fails.
 */
export async function migrate(db: Kysely<Schema>): Promise<readonly string[]> {
  await refuseNewer(db)
  const { error, results } = await migrator(db).migrateToLatest()
  if (error !== undefined) {
    const failed = results?.find(({ status }) => status === 'Error')?.migrationName ?? 'the first step'
    throw new Error(`The database could not be migrated: ${failed} failed and was rolled back.`, { cause: error })
  }
  return (results ?? []).filter(({ status }) => status === 'Success').map(({ migrationName }) => migrationName)
}

/**
 * Goes no further with a database that this version does not know.
 *
 * @throws {Error} one sentence for the operator, when it was written by a newer Latchkey.
 */
export async function refuseNewer(db: Kysely<Schema>): Promise<void> {
  const { applied } = await readMigrations(db)
  const unknown = applied.filter((name) => !(name in MIGRATIONS))
  if (unknown.length === 0) return
  throw new Error(
    `This database was written by a newer Latchkey (it has ${unknown.join(', ')}): start that version, or restore a backup made by this one.`,
  )
}

/** Which migrations the database has, and which it still needs. */
export async function readMigrations(
  db: Kysely<Schema>,
): Promise<{ applied: readonly string[]; pending: readonly string[] }> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true })
  const hasTable = tables.some(({ name }) => name === 'kysely_migration')
  const rows = hasTable
    ? await db
        .withTables<{ kysely_migration: { name: string } }>()
        .selectFrom('kysely_migration')
        .select('name')
        .execute()
    : []
  const applied = rows.map(({ name }) => name).sort()
  return { applied, pending: Object.keys(MIGRATIONS).filter((name) => !applied.includes(name)) }
}

function migrator(db: Kysely<Schema>): Migrator {
  return new Migrator({ db, provider: { getMigrations: async () => ({ ...MIGRATIONS }) } })
}
