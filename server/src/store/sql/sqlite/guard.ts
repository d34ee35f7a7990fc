import type { DatabaseSync } from 'node:sqlite'
import { unavailable } from '../dialect.ts'
import { SqliteConnection, type SqliteSource } from './connection.ts'
import { type FileTrouble, SqliteFile } from './file.ts'
import { takeOver } from './take-over.ts'

/** How long readers trust that the file is still theirs, and writers that its log is, and how soon another one is tried again, in milliseconds. */
const TRUSTED = 1000

/**
 * Gives the connection to a database as long as its file is the one that has its name, whole and with its log. When it
 * comes back it is used again; when a sound copy of the same database stands in its place, that one is.
 */
export class SqliteGuard implements SqliteSource {
  readonly #path: string
  #connection: SqliteConnection
  #file: SqliteFile
  #triedAt = Number.NEGATIVE_INFINITY
  #isTrusted = false
  #trust: NodeJS.Timeout | null = null

  /** @param path of the file that is open as `database`. */
  constructor(path: string, database: DatabaseSync) {
    this.#path = path
    this.#connection = new SqliteConnection(database)
    this.#file = new SqliteFile(path, database)
  }

  get database(): DatabaseSync {
    return this.#connection.database
  }

  get current(): SqliteConnection {
    return this.#connection
  }

  forReading(): SqliteConnection {
    return this.#isTrusted ? this.#connection : this.#look()
  }

  forWriting(): SqliteConnection {
    return this.#look()
  }

  doubt(): void {
    this.#file.doubt()
    this.#isTrusted = false
  }

  close(): void {
    if (this.#trust !== null) clearTimeout(this.#trust)
    this.#connection.close()
  }

  #look(): SqliteConnection {
    const trouble = this.#file.findTrouble({ isQuick: this.#isTrusted })
    this.#isTrusted = trouble === null || (trouble === 'replaced' && this.#follow())
    if (trouble !== null && !this.#isTrusted) throw unavailable(new Error(word(trouble, this.#path)))
    // A timer, because to ask for the time at each read costs more than all else that is asked here.
    this.#trust ??= setTimeout(() => {
      this.#trust = null
      this.#isTrusted = false
    }, TRUSTED).unref()
    return this.#connection
  }

  /** Goes on with the file that is there now, if it is good; says whether it does. */
  #follow(): boolean {
    const now = performance.now()
    if (now - this.#triedAt < TRUSTED) return false
    this.#triedAt = now
    const database = takeOver(this.#path, { database: this.database, file: this.#file })
    if (database === null) return false
    this.#connection.close()
    this.#connection = new SqliteConnection(database)
    this.#file = new SqliteFile(this.#path, database)
    return true
  }
}

function word(trouble: FileTrouble, path: string): string {
  switch (trouble) {
    case 'gone':
      return `The database ${path} is gone or out of reach: put it back, or stop Latchkey and restore a backup.`
    case 'replaced':
      return `Another file has the name of the database ${path}, and is no sound copy of it: put the right one back, or stop Latchkey and restore a backup.`
    case 'cut':
      return `The database ${path} was cut short while Latchkey was running: stop it, and restore a backup.`
    case 'log':
      return `A file beside the database ${path} (-wal or -shm) was removed, replaced or cut short while Latchkey was running: stop every Latchkey on it, start again, and restore a backup if that fails.`
  }
}
