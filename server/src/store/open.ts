import { Kysely } from 'kysely'
import type { Memories, Store } from '../core/ports.ts'
import { isPostgresUrl } from './database-url.ts'
import { createAccountStore } from './sql/accounts.ts'
import { createAdoptionStore } from './sql/adoptions.ts'
import { createAttemptStore } from './sql/attempts.ts'
import { createAuditStore } from './sql/audit.ts'
import { createDeliveryStore } from './sql/deliveries.ts'
import type { Engine } from './sql/dialect.ts'
import { createExportStore } from './sql/exports.ts'
import { createImportStore } from './sql/imports.ts'
import { createKeyStore } from './sql/keys.ts'
import { createLegacyHashStore } from './sql/legacy-hashes.ts'
import { createLegacySessionStore } from './sql/legacy-sessions.ts'
import { createLetterStore } from './sql/letters.ts'
import { createStoreLife } from './sql/life.ts'
import { migrate, refuseNewer, refuseOlder } from './sql/migrate.ts'
import { type PlannedMigration, planMigrations } from './sql/plan-migrations.ts'
import type { Schema } from './sql/schema.ts'
import { createServiceClientStore } from './sql/service-clients.ts'
import { createSessionStore } from './sql/sessions.ts'
import { openSqlite } from './sql/sqlite.ts'
import { watchChanges } from './watch-changes.ts'

export type { PlannedMigration }

/** An open store, and what opening it did. */
export type OpenedStore = { readonly store: Store; readonly memories: Memories; readonly migrated: readonly string[] }

/** How a database is opened. */
export type OpenOptions = {
  /**
   * What is done about a schema that is not the newest: it is brought up to date, or the database is refused, or it is
   * only looked at, so that nothing is made, migrated or written.
   */
  readonly schema?: 'migrate' | 'require' | 'inspect'
  /** Whether millions of rows are about to go in. */
  readonly isBulk?: boolean
  /** How many cores this process has for itself; the connections to PostgreSQL are made to fit. */
  readonly cores?: number
  /** The password for PostgreSQL where it does not stand in the URL. */
  readonly password?: string | null
  /** For how long what was read of a live token may stand, in milliseconds: none unless told. */
  readonly staleness?: number
}

/**
 * Opens the database that a URL names.
 *
 * @param url `sqlite:PATH`, `sqlite::memory:` or `postgres://USER@HOST/DATABASE`.
 * @throws {Error} one sentence for the operator, when it cannot be opened, migrated or trusted to keep data.
 */
export async function openStore(url: string, options: OpenOptions = {}): Promise<OpenedStore> {
  return withDatabase(url, options, async (db, engine) => {
    const migrated = await agreeOnSchema(db, engine, options.schema ?? 'migrate')
    const store: Store = {
      ...createAccountStore(db, engine),
      ...createSessionStore(db, engine),
      ...createAttemptStore(db),
      ...createLetterStore(db),
      ...createAuditStore(db),
      ...createDeliveryStore(db),
      ...createServiceClientStore(db, engine),
      ...createKeyStore(db),
      ...createLegacyHashStore(db, engine),
      ...createLegacySessionStore(db, engine),
      ...createImportStore(db, engine),
      ...createAdoptionStore(db),
      ...createExportStore(db),
      ...createStoreLife(db, engine),
    }
    return { ...watchChanges(store, { longest: options.staleness ?? 0 }), migrated }
  })
}

/**
 * What opening the database would do to it, statement by statement; nothing is done.
 *
 * @throws {Error} one sentence for the operator, when it cannot be opened, or a newer Latchkey wrote it.
 */
export async function planMigration(
  url: string,
  options: Omit<OpenOptions, 'schema'> = {},
): Promise<readonly PlannedMigration[]> {
  return withDatabase(url, { ...options, schema: 'inspect' }, async (db, engine) => {
    await refuseNewer(db, engine)
    const plan = await planMigrations(db, engine)
    await db.destroy()
    return plan
  })
}

/** Opens the database, and closes it again only if what is done with it fails. */
async function withDatabase<Result>(
  url: string,
  options: OpenOptions,
  action: (db: Kysely<Schema>, engine: Engine) => Promise<Result>,
): Promise<Result> {
  const engine = await openEngine(url, options)
  const db = new Kysely<Schema>({ dialect: engine.dialect })
  try {
    return await action(db, engine)
  } catch (error) {
    await db.destroy()
    throw error
  }
}

async function agreeOnSchema(
  db: Kysely<Schema>,
  engine: Engine,
  schema: NonNullable<OpenOptions['schema']>,
): Promise<readonly string[]> {
  if (schema === 'migrate') return migrate(db, engine)
  await refuseNewer(db, engine)
  if (schema === 'require') await refuseOlder(db, engine)
  return []
}

async function openEngine(
  url: string,
  { schema, isBulk = false, cores = 1, password = null }: OpenOptions,
): Promise<Engine> {
  const isReadOnly = schema === 'inspect'
  if (url.startsWith('sqlite:')) return openSqlite(url.slice('sqlite:'.length), { isReadOnly, isBulk })
  if (isPostgresUrl(url)) {
    // Loaded only where it is used: a server on SQLite starts without it.
    const { openPostgres } = await import('./sql/postgres.ts')
    return openPostgres(url, { cores, password, isReadOnly })
  }
  throw new Error(
    'DATABASE_URL must begin with sqlite: or postgres:// — for example sqlite:./data/latchkey.db or postgres://latchkey@localhost/latchkey.',
  )
}
