import { closeSync, openSync } from 'node:fs'
import { backup, type DatabaseSync } from 'node:sqlite'

/** Told now and then how far a copy is, in bytes. */
export type CopyProgress = (done: number, total: number) => void

/** The note by which a backup tells when it was made, in ISO 8601. */
export const BACKUP_NOTE = 'backup_made_at'

/** Pages copied at a time: a megabyte, where pages are of SQLite's usual size. */
const STEP = 256

/**
 * Copies a database, as it is at one moment, into a new file that its owner alone can read. Whoever else reads and
 * writes the database meanwhile goes on doing so; nobody may use `source` itself.
 *
 * @param draft a name that no file has.
 * @throws {Error} SQLite's own, or the system's.
 */
export async function copySqlite(source: DatabaseSync, draft: string, onProgress: CopyProgress): Promise<void> {
  closeSync(openSync(draft, 'wx', 0o600))
  const pageSize = readNumber(source, 'pragma page_size')
  // Within a transaction the source stands still. Without one, each write of another process would send the copy back
  // to its beginning, and under steady writing it would never end.
  source.exec('begin')
  try {
    readNumber(source, 'select count(*) from sqlite_schema')
    const pages = await backup(source, draft, {
      rate: STEP,
      progress: ({ totalPages, remainingPages }) =>
        onProgress((totalPages - remainingPages) * pageSize, totalPages * pageSize),
    })
    onProgress(pages * pageSize, pages * pageSize)
  } finally {
    source.exec('rollback')
  }
}

/** How many rows a table has; 0 where there is no such table. */
export function countRows(database: DatabaseSync, table: 'accounts' | 'sessions' | 'one_time_tokens'): number {
  return hasTable(database, table) ? readNumber(database, `select count(*) from ${table}`) : 0
}

/** Whether the database has what every Latchkey database has. */
export function isLatchkey(database: DatabaseSync): boolean {
  return ['kysely_migration', 'accounts', 'notes'].every((table) => hasTable(database, table))
}

/** The one number that a statement answers, or 0. */
export function readNumber(database: DatabaseSync, sql: string): number {
  return Number(Object.values(database.prepare(sql).get() ?? {})[0] ?? 0)
}

/** Whether a table is there. */
export function hasTable(database: DatabaseSync, name: string): boolean {
  const sql = "select count(*) as count from sqlite_schema where type = 'table' and name = ?"
  return database.prepare(sql).get(name)?.count === 1
}
