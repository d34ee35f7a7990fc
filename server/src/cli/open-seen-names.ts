import { DatabaseSync } from 'node:sqlite'
import type { SeenNames } from '../core/rehearse-import.ts'

/** Pages of this cache are in memory, in KiB; the others are in a file that has no name. */
const CACHE = 65_536

/** Remembers millions of names in little memory: in a database of its own that is gone when it is closed. */
export function openSeenNames(): SeenNames & { close(): void } {
  // SQLite's own temporary database: deleted as soon as it is made, so that nothing of it is left behind.
  const database = new DatabaseSync('')
  database.exec(`pragma journal_mode=OFF; pragma synchronous=OFF; pragma cache_size=-${CACHE};
    create table names (name text primary key, line text not null) without rowid; begin`)
  const select = database.prepare('select line from names where name = ?')
  const insert = database.prepare('insert into names (name, line) values (?, ?) on conflict do nothing')
  return {
    find(names) {
      for (const name of names) {
        const line = select.get(name)?.line
        if (typeof line === 'string') return line
      }
      return null
    },
    add(names, line) {
      for (const name of names) insert.run(name, line)
    },
    close: () => database.close(),
  }
}
