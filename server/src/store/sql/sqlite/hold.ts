import { basename, dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { isBusy, primaryCode } from './errors.ts'
import { scalar } from './open.ts'

/** How long a passing reader (`doctor`, say) may take, in milliseconds. */
const PATIENCE = 1000
/** SQLITE_PERM, READONLY, CANTOPEN. */
const NOT_ALLOWED = [3, 8, 14]

/** Somebody else has the database open. */
export class InUse extends Error {}

/**
 * Holds a database, so that nobody else can use it. The switch away from the write-ahead log fails while any other
 * process has it open, idle or not. It also makes a process that opens the file now, and waits, fail once another file
 * has its name: the way back to the log begins with a write, before which SQLite looks whether the name is still its own.
 * The file must be there.
 *
 * @throws {Error} one sentence for the operator, when it is in use, or too damaged to tell.
 */
export function holdDatabase(path: string): DatabaseSync {
  let database: DatabaseSync | null = null
  try {
    database = new DatabaseSync(path, { timeout: PATIENCE })
    database.exec('pragma trusted_schema=OFF')
    const mode = scalar(database, 'pragma journal_mode=DELETE')
    if (mode !== 'delete') throw new Error(`its journal mode is ${mode}`)
    // Of a file without a page SQLite would not look whether the name is still its own.
    if (scalar(database, 'pragma page_count') === '0') database.exec('pragma user_version=0')
    lockAlone(database)
    return database
  } catch (error) {
    database?.close()
    throw refuse(path, error)
  }
}

/**
 * Takes the lock that lets nobody else in, unless somebody has gone back to the log since it was left: with a log,
 * that lock keeps nobody from reading, and nobody from waiting for his turn to write.
 *
 * @throws {InUse} when somebody has, and SQLite's own errors.
 */
export function lockAlone(database: DatabaseSync): void {
  database.exec('begin exclusive')
  if (scalar(database, 'pragma journal_mode') !== 'delete') throw new InUse()
}

/** Lets go of a database that keeps its name, and leaves it with the log that it was found with. */
export function letGo(held: DatabaseSync): void {
  try {
    held.exec('rollback')
    held.exec('pragma journal_mode=WAL')
  } finally {
    held.close()
  }
}

function refuse(path: string, cause: unknown): Error {
  if (isBusy(cause) || cause instanceof InUse) {
    const sentence = `${path} is in use: stop the server that runs on it, and restore again. Nothing was changed.`
    return new Error(sentence, { cause })
  }
  const code = primaryCode(cause)
  if (code !== null && NOT_ALLOWED.includes(code)) {
    const sentence = `This user may not write to ${path} or in ${dirname(path)}: restore as the user that the server runs as.`
    return new Error(sentence, { cause })
  }
  const reason = cause instanceof Error ? cause.message : String(cause)
  const advice = `stop every server, move it and any ${basename(path)}-wal beside it away, and restore again`
  return new Error(`Whether ${path} is in use cannot be told (${reason}): ${advice}. Nothing was changed.`, { cause })
}
