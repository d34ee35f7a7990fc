import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/**
 * How many wrong guesses stand in a server's database, at accounts and at names that nobody has: each was counted before
 * it was judged, and stays counted.
 */
export function countJudged(folder: string): number {
  const database = new DatabaseSync(join(folder, 'data', 'latchkey.db'), { readOnly: true })
  try {
    const row = database
      .prepare(`select coalesce(sum(count), 0) as counted from attempts
        where (key like 'account:%' or key like 'name:%') and key not like '%:known-network'`)
      .get()
    return Number(row?.counted)
  } finally {
    database.close()
  }
}
