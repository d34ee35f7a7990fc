import { statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { isBusy } from './errors.ts'

/** What can be wrong with the files of a database that is open. */
export type FileTrouble = 'gone' | 'replaced' | 'cut' | 'log'

type Facts = { readonly device: number; readonly inode: number; readonly size: number }

/** What the log has before its first page, and before each page. */
const LOG_HEADER_BYTES = 32
const FRAME_HEADER_BYTES = 24

/**
 * The files under a database's name, as they were when it was opened. SQLite itself goes on with a file that has lost
 * its name, and would write there what nobody finds again.
 */
export class SqliteFile {
  readonly #path: string
  readonly #database: DatabaseSync
  readonly #own: Facts | null
  readonly #log: Facts | null
  readonly #index: Facts | null
  #size: number
  #lost: FileTrouble | null = null

  /** @param database the file at `path`, in WAL mode and read from, so that its log is there. */
  constructor(path: string, database: DatabaseSync) {
    this.#path = path
    this.#database = database
    this.#own = look(path)
    this.#log = look(`${path}-wal`)
    this.#index = look(`${path}-shm`)
    this.#size = this.#own?.size ?? 0
  }

  /**
   * What is wrong with the files at this moment, or `null`.
   *
   * @param options with `isQuick` only the database itself is looked at: to look at a log between two writes makes the
   *   system sync it more thoroughly, and a durable write take half as long again.
   */
  findTrouble({ isQuick }: { isQuick: boolean }): FileTrouble | null {
    const own = look(this.#path)
    if (own === null) return 'gone'
    if (!isSame(own, this.#own)) return 'replaced'
    // What was cut off stays lost, though the next checkpoint may make the file as long as before.
    if (this.#lost !== null) return this.#lost
    if (own.size < this.#size && !isWhole(this.#path)) this.#lost = 'cut'
    this.#size = own.size
    return this.#lost ?? (isQuick ? null : this.#findLogTrouble())
  }

  /** Looks more closely the next time: a file that grew unseen was not seen to become shorter. */
  doubt(): void {
    this.#size = Number.POSITIVE_INFINITY
  }

  /** The paths beside the database at which the log, or its index, of the file that was opened still is. */
  listOwnCompanions(): readonly string[] {
    const known = [
      { path: `${this.#path}-wal`, facts: this.#log },
      { path: `${this.#path}-shm`, facts: this.#index },
    ]
    return known.filter(({ path, facts }) => isSame(look(path), facts)).map(({ path }) => path)
  }

  /** Whether the log of the file that was opened still is beside it, and holds something. */
  hasUnsavedLog(): boolean {
    const log = look(`${this.#path}-wal`)
    return isSame(log, this.#log) && log !== null && log.size > 0
  }

  #findLogTrouble(): FileTrouble | null {
    const log = look(`${this.#path}-wal`)
    if (log === null) this.#saveLog()
    if (log === null || !isSame(log, this.#log) || !isSame(look(`${this.#path}-shm`), this.#index)) return 'log'
    if (this.#isLogCut()) this.#lost = 'log'
    return this.#lost
  }

  /** The log has no name any more, but is still open: what it holds is brought to where it will be found. */
  #saveLog(): void {
    try {
      this.#database.exec('pragma wal_checkpoint(passive)')
    } catch {
      // What can be done without harm was tried; that the log is gone is told in any case.
    }
  }

  /** Whether the log is shorter than what SQLite has in it. Asked again, as somebody may empty it in between. */
  #isLogCut(): boolean {
    for (let tries = 0; tries < 3; tries++) {
      try {
        const pageSize = Number(this.#database.prepare('pragma page_size').get()?.page_size)
        const frames = Number(this.#database.prepare('pragma wal_checkpoint(noop)').get()?.log)
        const needed = frames > 0 ? LOG_HEADER_BYTES + frames * (FRAME_HEADER_BYTES + pageSize) : 0
        if ((look(`${this.#path}-wal`)?.size ?? 0) >= needed) return false
      } catch (error) {
        if (isBusy(error)) return false
      }
    }
    return true
  }
}

/** Opens a database for reading as it is without its log. Only SQLite may open it: to close a file drops all locks on it. */
export function openWithoutLog(path: string): DatabaseSync {
  const url = new URL('file:///')
  url.pathname = path.replaceAll('%', '%25')
  url.search = 'immutable=1'
  return new DatabaseSync(url, { readOnly: true })
}

/** Whether a file has all the pages that it says it has. Others may shorten it rightly, by VACUUM. */
function isWhole(path: string): boolean {
  try {
    const database = openWithoutLog(path)
    try {
      return database.prepare('select 1 from sqlite_schema').get() !== undefined
    } finally {
      database.close()
    }
  } catch {
    return false
  }
}

/** Also `null` where it may not be looked at. */
function look(path: string): Facts | null {
  try {
    const facts = statSync(path, { throwIfNoEntry: false })
    return facts === undefined ? null : { device: facts.dev, inode: facts.ino, size: facts.size }
  } catch {
    return null
  }
}

function isSame(left: Facts | null, right: Facts | null): boolean {
  return left !== null && right !== null && left.inode === right.inode && left.device === right.device
}
