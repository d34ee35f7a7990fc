import { DatabaseSync } from 'node:sqlite'
import { countRows, hasColumn, hasTable } from './copy.ts'

/** What was ended. */
export type Ended = { readonly sessions: number; readonly oneTimeTokens: number }

/**
 * Empties a copy of a database of everything that was handed out: sessions, one-time tokens, letters that wait, and of events that webhooks have long been told. It is
 * what the store's `endEverySession` does, but for a file that nobody uses yet, and whatever its version.
 *
 * @param file a draft, which is thrown away if this is interrupted.
 */
export function endSessionsOf(file: string): Ended {
  // Without foreign keys, and nothing refers to these tables, SQLite empties one at once; with them row by row, which
  // takes half a minute for a million sessions.
  const database = new DatabaseSync(file, { enableForeignKeyConstraints: false })
  try {
    database.exec('pragma trusted_schema=OFF; begin immediate')
    const ended = {
      sessions: countRows(database, 'sessions'),
      oneTimeTokens: countRows(database, 'one_time_tokens'),
    }
    for (const table of ['sessions', 'one_time_tokens', 'letters', 'webhook_deliveries']) {
      if (hasTable(database, table)) database.exec(`delete from ${table}`)
    }
    if (hasColumn(database, 'accounts', 'takes_legacy_tokens')) {
      // Which tokens of a back end before were revoked since the backup nobody knows: none is taken any more.
      database.exec('update accounts set takes_legacy_tokens = 0 where takes_legacy_tokens = 1')
    }
    database.exec('commit')
    return ended
  } finally {
    database.close()
  }
}
