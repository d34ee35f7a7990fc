import { type Kysely, sql } from 'kysely'
import { AuthError } from '../../core/errors.ts'
import { retryConflicts } from './atomically.ts'
import type { Engine } from './dialect.ts'
import { MIGRATIONS } from './migrations/index.ts'
import type { Schema } from './schema.ts'

/** The tables in which a database keeps its own history; their names are those of Kysely's migrator. */
export type History = {
  kysely_migration: { name: string; timestamp: string }
  kysely_migration_lock: { id: string; is_locked: number }
}

/**
 * Brings the database to the newest schema: all pending migrations in one transaction, or none. Of processes that start
 * at once one does it, and the others wait and find it done; one that is killed in the middle leaves nothing behind.
 *
 * @returns the names of the migrations that were applied now.
 * @throws {Error} one sentence for the operator, when the database was written by a newer Latchkey or a migration fails.
 */
export async function migrate(
  db: Kysely<Schema>,
  engine: Pick<Engine, 'columns' | 'lockMigrations' | 'hasTable'>,
): Promise<readonly string[]> {
  await refuseNewer(db, engine)
  if ((await readMigrations(db, engine)).pending.length === 0) return []
  let current = 'the first step'
  try {
    await createHistory(db)
    return await retryConflicts(async () => {
      // Whoever waited and was told to begin anew finds that somebody else has done it.
      if ((await readMigrations(db, engine)).pending.length === 0) return []
      return db.transaction().execute(async (transaction) => {
        await engine.lockMigrations(transaction)
        const { pending } = await readMigrations(transaction, engine)
        for (const name of pending) {
          current = name
          await MIGRATIONS[name]?.up(transaction, engine.columns)
          await transaction
            .withTables<History>()
            .insertInto('kysely_migration')
            .values({ name, timestamp: new Date().toISOString() })
            .execute()
        }
        return pending
      })
    })
  } catch (error) {
    // Locked, or out of reach: nothing is wrong with the migration.
    const advice =
      error instanceof AuthError ? ' See that nobody else is at work on the database, and start again.' : ''
    throw new Error(`The database could not be migrated: ${current} failed and was rolled back.${advice}`, {
      cause: error,
    })
  }
}

/**
 * Goes no further with a database that this version does not know.
 *
 * @throws {Error} one sentence for the operator, when it was written by a newer Latchkey.
 */
export async function refuseNewer(db: Kysely<Schema>, engine: Pick<Engine, 'hasTable'>): Promise<void> {
  const { applied } = await readMigrations(db, engine)
  const unknown = applied.filter((name) => !(name in MIGRATIONS))
  if (unknown.length === 0) return
  throw new Error(
    `This database was written by a newer Latchkey (it has ${unknown.join(', ')}): start that version, or restore a backup made by this one.`,
  )
}

/**
 * Goes no further with a database that is not up to date, where migrating is done by hand.
 *
 * @throws {Error} one sentence for the operator.
 */
export async function refuseOlder(db: Kysely<Schema>, engine: Pick<Engine, 'hasTable'>): Promise<void> {
  const { pending } = await readMigrations(db, engine)
  if (pending.length === 0) return
  throw new Error(
    `The database needs ${pending.join(', ')}, and LATCHKEY_MIGRATE is manual: run npm run latchkey -- migrate, then start again.`,
  )
}

/** Which migrations the database has, and which it still needs. */
export async function readMigrations(
  db: Kysely<Schema>,
  engine: Pick<Engine, 'hasTable'>,
): Promise<{ applied: readonly string[]; pending: readonly string[] }> {
  const rows = (await engine.hasTable(db, 'kysely_migration'))
    ? await db.withTables<History>().selectFrom('kysely_migration').select('name').execute()
    : []
  const applied = rows.map(({ name }) => name).sort()
  return { applied, pending: Object.keys(MIGRATIONS).filter((name) => !applied.includes(name)) }
}

/** Makes the tables of the history, with the row by which migrating processes wait for each other. */
export async function createHistory(db: Kysely<Schema>): Promise<void> {
  const history = db.withTables<History>()
  const steps = [
    () =>
      history.schema
        .createTable('kysely_migration')
        .ifNotExists()
        .addColumn('name', 'varchar(255)', (column) => column.notNull().primaryKey())
        .addColumn('timestamp', 'varchar(255)', (column) => column.notNull())
        .execute(),
    () =>
      history.schema
        .createTable('kysely_migration_lock')
        .ifNotExists()
        .addColumn('id', 'varchar(255)', (column) => column.notNull().primaryKey())
        .addColumn('is_locked', 'integer', (column) => column.notNull().defaultTo(sql.lit(0)))
        .execute(),
    () =>
      history
        .insertInto('kysely_migration_lock')
        .values({ id: sql.lit('migration_lock'), is_locked: sql.lit(0) })
        .onConflict((conflict) => conflict.column('id').doNothing())
        .execute(),
  ]
  for (const step of steps) await twice(step)
}

/** Of two processes that make a table at the same moment PostgreSQL fails one, `if not exists` or not. */
async function twice(step: () => Promise<unknown>): Promise<void> {
  try {
    await step()
  } catch {
    await step()
  }
}
