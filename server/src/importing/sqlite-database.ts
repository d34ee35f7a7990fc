import { statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { Database } from './database.ts'
import { SourceError } from './source.ts'

/** How long a statement waits for who is writing, in milliseconds. */
const PATIENCE = 10_000

/**
 * Opens a SQLite database of another program for reading. There is no one state of it for all that is read: that would keep
 * a program from writing that has not switched to write-ahead logging, as Django has not.
 *
 * @throws {SourceError} when there is none.
 */
export function openSqliteDatabase(path: string): Database {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) {
    throw new SourceError(`There is no SQLite database at ${path}.`)
  }
  const database = new DatabaseSync(path, { readOnly: true, timeout: PATIENCE })
  const query: Database['query'] = async (text, values = []) => {
    try {
      const statement = database.prepare(text)
      // Keys may be wider than a double.
      statement.setReadBigInts(true)
      return statement.all(...values).map(toJson)
    } catch (cause) {
      const said = cause instanceof Error ? cause.message : String(cause)
      throw new SourceError(`${path} cannot be read: SQLite says "${said}".`, { cause })
    }
  }
  return {
    engine: 'SQLite',
    query,
    async describe(table) {
      const rows = await query('select name, pk from pragma_table_info(?)', [table])
      if (rows.length === 0) return null
      const keys = rows.filter(({ pk }) => pk !== 0).map(({ name }) => String(name))
      return { columns: rows.map(({ name }) => String(name)), key: keys.length === 1 ? (keys[0] ?? null) : null }
    },
    async listTablesWith(column) {
      const rows = await query(
        `select m.name as name from sqlite_schema m, pragma_table_info(m.name) c where m.type = 'table' and c.name = ?`,
        [column],
      )
      return rows.map(({ name }) => String(name))
    },
    async begin() {},
    async end() {},
    async close() {
      database.close()
    },
  }
}

function toJson(row: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, toJsonValue(value)]))
}

function toJsonValue(value: unknown): unknown {
  if (typeof value !== 'bigint') return value
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : String(value)
}
