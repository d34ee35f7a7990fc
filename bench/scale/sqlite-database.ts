import { statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type Database, TABLES } from './database.ts'
import { digest, toUuid } from './made-up.ts'
import type { SizeName } from './plan.ts'
import { readThrough } from './read-through.ts'

/** A file in `folder`, on the disk that the project is on. */
export function createSqliteDatabase(folder: string, size: SizeName): Database {
  const file = join(folder, `scale-${size}.db`)
  return {
    engine: 'sqlite',
    size,
    url: `sqlite:${file}`,

    async openLoader() {
      const database = new DatabaseSync(file)
      database.function('digest_of', { deterministic: true }, (text) => digest(String(text)))
      database.function('uuid_of', { deterministic: true }, (text) => toUuid(digest(String(text))))
      // One transaction in 2 GB of cache, without a journal: what fails here is thrown away, not rolled back.
      database.exec('pragma journal_mode=OFF; pragma synchronous=OFF; pragma cache_size=-2000000; begin')
      return {
        async run(sql) {
          database.exec(sql)
        },
        async finish() {
          // Statistics are not gathered: Latchkey does not, and nobody else would.
          database.exec('commit; pragma synchronous=FULL; pragma journal_mode=WAL')
          database.close()
        },
      }
    },

    async weigh() {
      const database = new DatabaseSync(file)
      const read = database.prepare(
        'select sum(pgsize) as bytes from dbstat where aggregate = true and name in (select name from sqlite_schema where tbl_name = ?)',
      )
      const tables = Object.fromEntries(TABLES.map((table) => [table, Number(read.get(table)?.bytes)]))
      database.close()
      return { tables, all: statSync(file).size }
    },

    warm: () => readThrough(file),
  }
}
