import type { PoolClient } from 'pg'
import { type PostgresAddress, readPostgresUrl } from '../store/database-url.ts'
import { createPostgresPool } from '../store/sql/postgres/pool.ts'
import { type Database, quoteName, readDatabaseTime } from './database.ts'
import { SourceError } from './source.ts'

/** How long a connection may take to be had, and an answer to come, in milliseconds. */
const PATIENCE = { connection: 15_000, answer: 600_000 }

/**
 * Connects to a PostgreSQL database of another program for reading.
 *
 * @param password stands in for one in the URL.
 * @throws {SourceError} when it cannot be reached.
 */
export async function openPostgresDatabase(url: string, password: string | null): Promise<Database> {
  const reading = readPostgresUrl(url)
  if ('problems' in reading) throw new SourceError(`--from ${reading.problems.join(' It ')}`)
  const address = { ...reading.value, password: password ?? reading.value.password }
  const pool = createPostgresPool(address, { size: 1, isReadOnly: true })
  const client = await connect(pool, address)

  const query: Database['query'] = async (text, values = []) => {
    let count = 0
    const numbered = text.replaceAll('?', () => `$${++count}`)
    const question = { text: numbered, values: [...values], types: { getTypeParser }, query_timeout: PATIENCE.answer }
    try {
      const { rows } = await client.query<Record<string, unknown>>(question)
      return rows
    } catch (cause) {
      const said = cause instanceof Error ? cause.message : String(cause)
      throw new SourceError(`${address.database} cannot be read: PostgreSQL says "${said}".`, { cause })
    }
  }
  // Big tables are counted, and between two pages passwords may be hashed: both take their time.
  await query(
    `select set_config('statement_timeout', '0', false), set_config('idle_in_transaction_session_timeout', '0', false),
      set_config('timezone', 'UTC', false), set_config('datestyle', 'ISO, YMD', false)`,
  )
  return {
    engine: 'PostgreSQL',
    query,
    async describe(table) {
      const name = quoteName(table)
      const columns = await query(
        `select attname::text as name from pg_attribute
          where attrelid = to_regclass(?) and attnum > 0 and not attisdropped order by attnum`,
        [name],
      )
      if (columns.length === 0) return null
      const keys = await query(
        `select a.attname::text as name from pg_index i
          join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any(i.indkey)
          where i.indrelid = to_regclass(?) and i.indisprimary`,
        [name],
      )
      const [key] = keys
      return {
        columns: columns.map(({ name }) => String(name)),
        key: keys.length === 1 && key !== undefined ? String(key.name) : null,
      }
    },
    async listTablesWith(column) {
      const rows = await query(
        `select c.relname::text as name from pg_attribute a join pg_class c on c.oid = a.attrelid
          where a.attname = ? and c.relkind in ('r', 'p') and pg_table_is_visible(c.oid) order by c.relname`,
        [column],
      )
      return rows.map(({ name }) => String(name))
    },
    async begin() {
      await query('begin transaction isolation level repeatable read read only')
    },
    async end() {
      await query('rollback')
    },
    async close() {
      client.release(true)
      await pool.end()
    },
  }
}

async function connect(
  pool: ReturnType<typeof createPostgresPool>,
  { user, database, hosts }: PostgresAddress,
): Promise<PoolClient> {
  try {
    return await pool.connect({ patience: PATIENCE.connection })
  } catch (cause) {
    await pool.end()
    const said = cause instanceof Error ? cause.message : String(cause)
    const places = hosts.map(({ host, port }) => (host.startsWith('/') ? host : `${host}:${port}`)).join(', ')
    throw new SourceError(
      `PostgreSQL at ${places} did not let the user ${user} into ${database} (${said}): check that the server runs, and the ` +
        'password, which is read from PGPASSWORD or --password-file.',
      { cause },
    )
  }
}

/** By the numbers that PostgreSQL has for its types: truth values, whole numbers and times; all else is text. */
function getTypeParser(type: number): (text: string) => unknown {
  if (type === 16) return (text) => text === 't'
  if (type === 20 || type === 21 || type === 23) return readWholeNumber
  if (type === 1114 || type === 1184) return readDatabaseTime
  return (text) => text
}

function readWholeNumber(text: string): number | string {
  const number = Number(text)
  return Number.isSafeInteger(number) ? number : text
}
