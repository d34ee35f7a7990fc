import { DatabaseSync } from 'node:sqlite'
import { hasTable, readNumber } from './sqlite-copy.ts'

const LEAST_GAP = 1000
const MOST_GAP = 100_000

/** The highest id that an account was ever given. */
export function readLastId(database: DatabaseSync): number {
  if (!hasTable(database, 'accounts')) return 0
  return readNumber(database, "select seq from sqlite_sequence where name = 'accounts'")
}

/**
 * Makes a restored database pass over the ids of accounts that were made after the backup: who they were is lost, but a
 * token or a row of another system may still name them. How many there were nobody knows; as many again as there ever
 * had been is plenty.
 *
 * @param lastId the highest id that is known to have been given since.
 */
export function skipIds(file: string, lastId: number): void {
  const database = new DatabaseSync(file)
  try {
    database.exec('pragma trusted_schema=OFF; begin immediate')
    const last = readLastId(database)
    const next = Math.max(last + Math.min(Math.max(last, LEAST_GAP), MOST_GAP), lastId)
    database.exec("delete from sqlite_sequence where name = 'accounts'")
    database.prepare("insert into sqlite_sequence (name, seq) values ('accounts', ?)").run(next)
    database.exec('commit')
  } finally {
    database.close()
  }
}
