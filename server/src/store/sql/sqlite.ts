import { chmodSync, existsSync, mkdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { SqliteIntrospector, SqliteQueryCompiler } from 'kysely'
import type { Engine } from './dialect.ts'
import { primaryCode, SqliteConnection, SqliteDriver, TransactionalAdapter } from './sqlite-driver.ts'

/** How long a write waits for another process to finish its own, in milliseconds. */
const BUSY_TIMEOUT = 5000
/** SQLite's number for "somebody else is writing". */
const SQLITE_BUSY = 5

/**
 * Opens an SQLite database on Node's own driver: write-ahead log, every commit synced to disk, foreign keys on, the
 * file readable by its owner alone.
 *
 * @param path a file, made with its directory when it is not there, or `:memory:`.
 * @param options with `isReadOnly` a file that is there is only looked at: its mode, its journal and its rows stay.
 * @throws {Error} one sentence for the operator when the file cannot be opened or a setting does not hold.
 */
export function openSqlite(path: string, { isReadOnly = false }: { isReadOnly?: boolean } = {}): Engine {
  const location = path === ':memory:' ? path : resolve(path)
  const database = isReadOnly ? openExisting(location) : openFile(location)
  try {
    if (isReadOnly) refuseWrites(database, location)
    else applySettings(database, location)
  } catch (error) {
    database.close()
    throw error
  }
  const connection = new SqliteConnection(database)
  return {
    name: `SQLite ${scalar(database, 'select sqlite_version()')}`,
    location,
    dialect: {
      createDriver: () => new SqliteDriver(database, connection),
      createQueryCompiler: () => new SqliteQueryCompiler(),
      createAdapter: () => new TransactionalAdapter(),
      createIntrospector: (db) => new SqliteIntrospector(db),
    },
    // Nothing here waits between two statements but a transaction, and every statement runs to its end at once.
    readNow: (query) => (database.isTransaction ? null : connection.read(query)),
    readSettings: async () => readSettings(database),
    checkIntegrity: async () => scalar(database, 'pragma quick_check(1)'),
  }
}

function openFile(location: string): DatabaseSync {
  try {
    if (location !== ':memory:') {
      if (!existsSync(dirname(location))) mkdirSync(dirname(location), { recursive: true, mode: 0o700 })
    }
    const database = new DatabaseSync(location, { timeout: BUSY_TIMEOUT, enableForeignKeyConstraints: true })
    if (location !== ':memory:') chmodSync(location, 0o600)
    return database
  } catch (error) {
    throw new Error(
      `The database ${location} cannot be opened: check that DATABASE_URL is right and that this user may write there.`,
      { cause: error },
    )
  }
}

function openExisting(location: string): DatabaseSync {
  if (location !== ':memory:' && !existsSync(location)) {
    throw new Error(`There is no database at ${location}: check that DATABASE_URL is right.`)
  }
  try {
    return new DatabaseSync(location, { timeout: BUSY_TIMEOUT, enableForeignKeyConstraints: true })
  } catch (error) {
    throw new Error(`The database ${location} cannot be opened: may this user read it?`, { cause: error })
  }
}

/** Not SQLite's read-only mode, which leaves its `-wal` and `-shm` files behind. */
function refuseWrites(database: DatabaseSync, location: string): void {
  try {
    execPatiently(database, 'pragma synchronous=FULL; pragma trusted_schema=OFF; pragma query_only=ON')
    scalar(database, 'select count(*) from sqlite_schema')
  } catch (error) {
    throw new Error(`The file ${location} cannot be read as a database: is it one, and may this user read it?`, {
      cause: error,
    })
  }
}

function applySettings(database: DatabaseSync, location: string): void {
  try {
    execPatiently(database, 'pragma journal_mode=WAL; pragma synchronous=FULL; pragma trusted_schema=OFF')
  } catch (error) {
    throw new Error(`The file ${location} cannot be used as a database: is it one, and may this user write to it?`, {
      cause: error,
    })
  }
  const settings = readSettings(database)
  const journal = location === ':memory:' ? 'memory' : 'wal'
  if (settings.journal_mode !== journal || settings.synchronous !== 'FULL' || settings.foreign_keys !== 'ON') {
    throw new Error(
      `SQLite would not take the settings that keep data safe (WAL, FULL, foreign keys) for ${location}: use a local disk, not a network share.`,
    )
  }
}

/**
 * The busy timeout does not hold for the change to WAL: of several processes that open a new file at the same moment
 * SQLite tells some at once that it is locked.
 */
function execPatiently(database: DatabaseSync, sql: string): void {
  const deadline = performance.now() + BUSY_TIMEOUT
  for (;;) {
    try {
      database.exec(sql)
      return
    } catch (error) {
      if (primaryCode(error) !== SQLITE_BUSY || performance.now() > deadline) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
    }
  }
}

function readSettings(database: DatabaseSync): Readonly<Record<string, string>> {
  const synchronous = ['OFF', 'NORMAL', 'FULL', 'EXTRA'][Number(scalar(database, 'pragma synchronous'))]
  return {
    journal_mode: scalar(database, 'pragma journal_mode'),
    synchronous: synchronous ?? 'unknown',
    foreign_keys: scalar(database, 'pragma foreign_keys') === '1' ? 'ON' : 'OFF',
    trusted_schema: scalar(database, 'pragma trusted_schema') === '1' ? 'ON' : 'OFF',
    busy_timeout: scalar(database, 'pragma busy_timeout'),
  }
}

function scalar(database: DatabaseSync, sql: string): string {
  const row = database.prepare(sql).get() ?? {}
  return String(Object.values(row)[0])
}
