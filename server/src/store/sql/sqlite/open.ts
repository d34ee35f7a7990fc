import { chmodSync, existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { isBusy } from './errors.ts'
import { LONGEST_WAIT } from './patience.ts'

/** SQLite itself waits for nobody: while it waited, the whole process would. */
const OPTIONS = { timeout: 0, enableForeignKeyConstraints: true }
/** The reading at the end makes the log, where there is none yet. */
const SETTINGS = `pragma journal_mode=WAL; pragma synchronous=FULL; pragma trusted_schema=OFF;
  select count(*) from sqlite_schema`

/**
 * Opens a file, made with its directory when it is not there, or a database in memory.
 *
 * @throws {Error} one sentence for the operator when it cannot be opened or a setting does not hold.
 */
export function openForUse(location: string): DatabaseSync {
  if (location !== ':memory:') refuseOrphanedLog(location)
  return closedOnFailure(openFile(location), (database) => applySettings(database, location))
}

/**
 * Opens a file that is there, to look at: its mode, its journal and its rows stay.
 *
 * @throws {Error} one sentence for the operator when it cannot be opened.
 */
export function openToLook(location: string): DatabaseSync {
  if (location !== ':memory:') refuseOrphanedLog(location)
  return closedOnFailure(openExisting(location), (database) => refuseWrites(database, location))
}

/**
 * Opens a file that is there, once it has been found good; waits for nobody.
 *
 * @param requireGood throws unless the database, which takes no writes yet, is the right one.
 */
export function openIfGood(location: string, requireGood: (database: DatabaseSync) => void): DatabaseSync {
  return closedOnFailure(new DatabaseSync(location, OPTIONS), (database) => {
    database.exec('pragma trusted_schema=OFF; pragma query_only=ON')
    requireGood(database)
    database.exec('pragma query_only=OFF')
    database.exec(SETTINGS)
    requireSettings(database, location)
    chmodSync(location, 0o600)
  })
}

/** Settings that reliability hangs on, as the open database reports them, and how long a write waits for its lock. */
export function readSettings(database: DatabaseSync): Readonly<Record<string, string>> {
  const synchronous = ['OFF', 'NORMAL', 'FULL', 'EXTRA'][Number(scalar(database, 'pragma synchronous'))]
  return {
    journal_mode: scalar(database, 'pragma journal_mode'),
    synchronous: synchronous ?? 'unknown',
    foreign_keys: scalar(database, 'pragma foreign_keys') === '1' ? 'ON' : 'OFF',
    trusted_schema: scalar(database, 'pragma trusted_schema') === '1' ? 'ON' : 'OFF',
    busy_timeout: scalar(database, 'pragma busy_timeout'),
    lock_wait: String(LONGEST_WAIT),
  }
}

/** What a statement with one row of one column gives, as text. */
export function scalar(database: DatabaseSync, sql: string): string {
  const row = database.prepare(sql).get() ?? {}
  return String(Object.values(row)[0])
}

/**
 * Beside a file that is empty or not there SQLite would throw the log away, with all that was written last.
 *
 * @throws {Error} one sentence for the operator, where that would happen.
 */
export function refuseOrphanedLog(location: string): void {
  if (!hasOrphanedLog(location)) return
  throw new Error(
    `There is no database at ${location}, but its log ${location}-wal is there: put the database back, or move the log away.`,
  )
}

/** Whether there is a log beside a file that is empty or not there. */
export function hasOrphanedLog(location: string): boolean {
  // In this order: whoever makes a database now has written to the file before there is anything in the log.
  return sizeOf(`${location}-wal`) > 0 && sizeOf(location) === 0
}

function sizeOf(path: string): number {
  try {
    return statSync(path, { throwIfNoEntry: false })?.size ?? 0
  } catch {
    // Whether it may be looked at, opening it will tell.
    return 0
  }
}

function openFile(location: string): DatabaseSync {
  try {
    if (location !== ':memory:') {
      if (!existsSync(dirname(location))) mkdirSync(dirname(location), { recursive: true, mode: 0o700 })
    }
    const database = new DatabaseSync(location, OPTIONS)
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
    return new DatabaseSync(location, OPTIONS)
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
    execPatiently(database, SETTINGS)
  } catch (error) {
    throw new Error(`The file ${location} cannot be used as a database: is it one, and may this user write to it?`, {
      cause: error,
    })
  }
  requireSettings(database, location)
}

function requireSettings(database: DatabaseSync, location: string): void {
  const settings = readSettings(database)
  const journal = location === ':memory:' ? 'memory' : 'wal'
  if (settings.journal_mode !== journal || settings.synchronous !== 'FULL' || settings.foreign_keys !== 'ON') {
    throw new Error(
      `SQLite would not take the settings that keep data safe (WAL, FULL, foreign keys) for ${location}: use a local disk, not a network share.`,
    )
  }
}

/** Waits for whoever else opens the file at the same moment. Nothing runs yet that could be held up. */
function execPatiently(database: DatabaseSync, sql: string): void {
  const deadline = performance.now() + LONGEST_WAIT
  for (;;) {
    try {
      database.exec(sql)
      return
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
    }
  }
}

function closedOnFailure(database: DatabaseSync, prepare: (database: DatabaseSync) => void): DatabaseSync {
  try {
    prepare(database)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}
