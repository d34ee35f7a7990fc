import { closeSync, openSync } from 'node:fs'
import { backup, DatabaseSync } from 'node:sqlite'
import { scalar } from './open.ts'

/** Told now and then how far a copy is, in bytes. */
export type CopyProgress = (done: number, total: number) => void

/** The note by which a backup tells when it was made, in ISO 8601. */
export const BACKUP_NOTE = 'backup_made_at'

/** How much there is of what matters most. */
export type Counts = { readonly accounts: number; readonly sessions: number }

/** Pages copied at a time: a megabyte, where pages are of SQLite's usual size. */
const STEP = 256

/**
 * Copies a database, as it is at one moment, into a new file that its owner alone can read. Whoever else reads and
 * writes the database meanwhile goes on doing so; nobody may use `source` itself.
 *
 * @param draft a name that no file has.
 * @returns what the copy holds, which is what the database held.
 * @throws {Error} SQLite's own, or the system's, or one sentence for the operator.
 */
export async function copySqlite(source: DatabaseSync, draft: string, onProgress: CopyProgress): Promise<Counts> {
  closeSync(openSync(draft, 'wx', 0o600))
  const pageSize = Number(scalar(source, 'pragma page_size'))
  // Within a transaction the source stands still. Without one, each write of another process would send the copy back
  // to its beginning, and under steady writing it would never end.
  source.exec('begin')
  try {
    const counts = countAll(source)
    const pages = await backup(source, draft, {
      rate: STEP,
      progress: ({ totalPages, remainingPages }) =>
        onProgress((totalPages - remainingPages) * pageSize, totalPages * pageSize),
    })
    onProgress(pages * pageSize, pages * pageSize)
    requireSame(draft, counts)
    return counts
  } finally {
    source.exec('rollback')
  }
}

/** How many rows a table has; 0 where there is no such table. */
export function countRows(database: DatabaseSync, table: 'accounts' | 'sessions' | 'one_time_tokens'): number {
  return hasTable(database, table) ? Number(scalar(database, `select count(*) from ${table}`)) : 0
}

/** Whether the database has what every Latchkey database has. */
export function isLatchkey(database: DatabaseSync): boolean {
  return ['kysely_migration', 'accounts', 'notes'].every((table) => hasTable(database, table))
}

/** Whether a table is there. */
export function hasTable(database: DatabaseSync, name: string): boolean {
  const sql = "select count(*) as count from sqlite_schema where type = 'table' and name = ?"
  return database.prepare(sql).get(name)?.count === 1
}

/** Whether a table is there and has a column. */
export function hasColumn(database: DatabaseSync, table: string, column: string): boolean {
  const sql = 'select count(*) as count from pragma_table_info(?) where name = ?'
  return database.prepare(sql).get(table, column)?.count === 1
}

function countAll(database: DatabaseSync): Counts {
  return { accounts: countRows(database, 'accounts'), sessions: countRows(database, 'sessions') }
}

/** Whoever else writes to the copy, or takes it away, must not make a smaller database pass for a whole one. */
function requireSame(draft: string, expected: Counts): void {
  const copied = new DatabaseSync(draft)
  try {
    const { accounts, sessions } = countAll(copied)
    if (accounts === expected.accounts && sessions === expected.sessions) return
    throw new Error('The copy has not all that the database has: somebody else is at its file. Do it again.')
  } finally {
    copied.close()
  }
}
