import type { DatabaseSync } from 'node:sqlite'
import { SqliteIntrospector, SqliteQueryCompiler, sql } from 'kysely'
import type { Engine } from './dialect.ts'
import { SqliteAccess } from './sqlite/access.ts'
import { SqliteConnection } from './sqlite/connection.ts'
import { LatchkeySqliteAdapter, SqliteDriver } from './sqlite/driver.ts'
import { isDamage } from './sqlite/errors.ts'
import { SqliteGuard } from './sqlite/guard.ts'
import { findLocation } from './sqlite/location.ts'
import { openForUse, openToLook, readSettings, scalar } from './sqlite/open.ts'

/**
 * Where millions of rows go in, in random order: 64 MiB of pages in memory, and a log that is worked off when it is that long.
 * Each commit is as durable as ever.
 */
const BULK = 'pragma cache_size=-65536; pragma wal_autocheckpoint=16384'

/**
 * Opens an SQLite database on Node's own driver: write-ahead log, every commit synced to disk, foreign keys on, the
 * file readable by its owner alone.
 *
 * @param path a file, made with its directory when it is not there, or `:memory:`.
 * @param options with `isReadOnly` a file that is there is only looked at: its mode, its journal and its rows stay;
 *   with `isBulk` more is kept in memory.
 * @throws {Error} one sentence for the operator when the file cannot be opened or a setting does not hold.
 */
export function openSqlite(
  path: string,
  { isReadOnly = false, isBulk = false }: { isReadOnly?: boolean; isBulk?: boolean } = {},
): Engine {
  const location = findLocation(path)
  const database = isReadOnly ? openToLook(location) : openForUse(location)
  if (isBulk) database.exec(BULK)
  // What is only looked at, and what is only in memory, cannot be lost.
  const isGuarded = !isReadOnly && location !== ':memory:'
  const source = isGuarded ? new SqliteGuard(location, database) : new SqliteConnection(database)
  const access = new SqliteAccess(source)
  return {
    name: `SQLite ${scalar(database, 'select sqlite_version()')}`,
    location,
    dialect: {
      createDriver: () => new SqliteDriver(access),
      createQueryCompiler: () => new SqliteQueryCompiler(),
      createAdapter: () => new LatchkeySqliteAdapter(),
      createIntrospector: (db) => new SqliteIntrospector(db),
    },
    readNow: (query) => access.readNow(query),
    columns: { id: 'integer', identity: (column) => column.primaryKey().autoIncrement() },
    async hasTable(db, name) {
      const { rows } = await sql`select 1 from sqlite_schema where type = 'table' and name = ${name}`.execute(db)
      return rows.length > 0
    },
    eachOf: 'json_each',
    // It does anyway.
    preferIndexes: async () => {},
    // AUTOINCREMENT counts on from the highest id that was ever kept.
    passId: async () => {},
    isSuspect: () => access.isSuspect,
    allowSlowStatements: async () => {},
    // Whoever writes has the whole database to itself.
    lockMigrations: async () => {},
    readSettings: async () => readSettings(source.database),
    checkIntegrity: async () => checkIntegrity(source.database),
  }
}

function checkIntegrity(database: DatabaseSync): string {
  try {
    return scalar(database, 'pragma quick_check(1)')
  } catch (error) {
    // Of some damage SQLite tells by failing to look.
    if (isDamage(error) && error instanceof Error) return error.message
    throw error
  }
}
