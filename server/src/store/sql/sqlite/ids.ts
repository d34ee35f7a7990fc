import { DatabaseSync } from 'node:sqlite'
import { hasTable } from './copy.ts'
import { scalar } from './open.ts'

const LEAST_GAP = 1000
const MOST_GAP = 100_000

/** The highest id that an account was ever given. */
function readLastId(database: DatabaseSync): number {
  if (!hasTable(database, 'accounts')) return 0
  return Number(scalar(database, "select coalesce(max(seq), 0) from sqlite_sequence where name = 'accounts'"))
}

/** The same of a database that may be damaged: `null` where it cannot be told. */
export function findLastId(database: DatabaseSync): number | null {
  try {
    return readLastId(database)
  } catch {
    return null
  }
}

/**
 * Makes a restored database pass over the ids of accounts that were made after the backup: who they were is lost, but a
 * token or a row of another system may still name them. How many there were nobody knows; as many again as there ever
 * had been is plenty.
 *
 * @param lastId the highest id that is known to have been given since; `null` where nobody knows.
 */
export function skipIds(file: string, lastId: number | null): void {
  const database = new DatabaseSync(file)
  try {
    database.exec('pragma trusted_schema=OFF; begin immediate')
    const last = readLastId(database)
    const gap = lastId === null ? MOST_GAP : Math.min(Math.max(last, LEAST_GAP), MOST_GAP)
    const next = Math.max(last + gap, lastId ?? 0)
    database.exec("delete from sqlite_sequence where name = 'accounts'")
    database.prepare("insert into sqlite_sequence (name, seq) values ('accounts', ?)").run(next)
    database.exec('commit')
  } finally {
    database.close()
  }
}
