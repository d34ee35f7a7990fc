import {
  CompiledQuery,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  sql,
  type Transaction,
} from 'kysely'
import type { QueryResultRow } from 'pg'
import { type PostgresAddress, readPostgresUrl } from '../database-url.ts'
import type { Engine } from './dialect.ts'
import { ALLOW_SLOW, type Condition, PostgresDriver } from './postgres/driver.ts'
import { stateOf } from './postgres/errors.ts'
import { ACQUIRE, createPostgresPool, type PostgresPool, wordHost } from './postgres/pool.ts'
import type { Schema } from './schema.ts'

/** How long a process that starts waits for another one's migrations. */
const MIGRATION_LOCK = '120s'
/** How long a migration waits for who reads a table that it changes: everybody behind it waits as long. */
const CHANGE_LOCK = '5s'

/**
 * Opens a PostgreSQL database, or one that speaks its protocol.
 *
 * @param url as `readPostgresUrl` describes it.
 * @param options.cores how many cores this process has for itself: the pool is twice that and two more.
 * @param options.password stands in for one in the URL.
 * @param options.isReadOnly the database is only looked at.
 * @throws {Error} one sentence for the operator when it cannot be reached.
 */
export async function openPostgres(
  url: string,
  { cores, password, isReadOnly }: { cores: number; password: string | null; isReadOnly: boolean },
): Promise<Engine> {
  const reading = readPostgresUrl(url)
  if ('problems' in reading) throw new Error(`DATABASE_URL ${reading.problems.join(' It ')}`)
  const address = { ...reading.value, password: password ?? reading.value.password }
  const location = `postgres://${address.hosts.map(wordHost).join(',')}/${address.database}`
  const pool = createPostgresPool(address, { size: 2 * cores + 2, isReadOnly })
  const condition: Condition = { isSuspect: false }
  try {
    const patience = address.hosts.length * (address.connectTimeout ?? ACQUIRE) + ACQUIRE
    const version = await ask(pool, "select current_setting('server_version') as answer", { patience })
    const encoding = await ask(pool, "select current_setting('server_encoding') as answer")
    if (encoding !== 'UTF8') throw new WrongEncoding(encoding ?? 'unknown')
    return {
      name: `PostgreSQL ${version}`,
      location,
      dialect: {
        createDriver: () => new PostgresDriver(pool, condition),
        createQueryCompiler: () => new PostgresQueryCompiler(),
        createAdapter: () => new PostgresAdapter(),
        createIntrospector: (db) => new PostgresIntrospector(db),
      },
      columns: { id: 'bigint', identity: (column) => column.generatedByDefaultAsIdentity().primaryKey() },
      readNow: () => null,
      eachOf: 'jsonb_array_elements',
      async preferIndexes(transaction) {
        // A table that was empty a moment ago is still thought to be: every look-up would read all of it.
        await transaction.executeQuery(CompiledQuery.raw('set local enable_seqscan = off'))
      },
      async passId(transaction, id) {
        await sql`
          select setval(ids.name, ${id})
          from (select pg_get_serial_sequence('accounts', 'id')::regclass as name) as ids
          where coalesce(pg_sequence_last_value(ids.name), 0) < ${id}`.execute(transaction)
      },
      isSuspect: () => condition.isSuspect,
      async hasTable(db, name) {
        const { rows } = await sql<{ oid: string | null }>`select to_regclass(${name}) as oid`.execute(db)
        return rows[0]?.oid !== null
      },
      allowSlowStatements,
      async lockMigrations(transaction) {
        await allowSlowStatements(transaction)
        // `set` and not `select`: what comes after the wait must not be seen as it was before.
        await transaction.executeQuery(CompiledQuery.raw(`set local lock_timeout = '${MIGRATION_LOCK}'`))
        // A write: where transactions are serializable, whoever waited for it is told to begin anew.
        await sql`update kysely_migration_lock set is_locked = 0 where id = 'migration_lock'`.execute(transaction)
        await transaction.executeQuery(CompiledQuery.raw(`set local lock_timeout = '${CHANGE_LOCK}'`))
      },
      readSettings: () => readSettings(pool),
      checkIntegrity: () => checkIntegrity(pool),
    }
  } catch (error) {
    await pool.end()
    throw explain(error, address, location)
  }
}

async function allowSlowStatements(transaction: Transaction<Schema>): Promise<void> {
  await transaction.executeQuery(CompiledQuery.raw(ALLOW_SLOW))
}

async function readSettings(pool: PostgresPool): Promise<Readonly<Record<string, string>>> {
  const rows = await query<{ name: string; setting: string }>(
    pool,
    `select name, setting from pg_settings where name in
      ('fsync', 'full_page_writes', 'synchronous_commit', 'synchronous_standby_names', 'data_checksums',
       'statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'max_connections') order by name`,
  )
  const tls = await ask(
    pool,
    "select case when ssl then 'on' else 'off' end as answer from pg_stat_ssl where pid = pg_backend_pid()",
  )
  return { ...Object.fromEntries(rows.map(({ name, setting }) => [name, setting])), tls: tls ?? 'unknown' }
}

/** PostgreSQL has no check of the whole: an index that could not be finished is what it knows to be unsound. */
async function checkIntegrity(pool: PostgresPool): Promise<string> {
  const invalid = await ask(
    pool,
    `select string_agg(indexrelid::regclass::text, ', ') as answer from pg_index
      where not indisvalid and indrelid in (select oid from pg_class where relnamespace = current_schema()::regnamespace)`,
  )
  return invalid === null ? 'ok' : `invalid index: ${invalid}`
}

async function ask(pool: PostgresPool, text: string, options?: { readonly patience: number }): Promise<string | null> {
  const [row] = await query<{ answer: string | null }>(pool, text, options)
  return row?.answer ?? null
}

async function query<Row extends QueryResultRow>(
  pool: PostgresPool,
  text: string,
  options?: { readonly patience: number },
): Promise<Row[]> {
  const client = await pool.connect(options)
  try {
    const { rows } = await client.query<Row>(text)
    client.release()
    return rows
  } catch (error) {
    client.release(true)
    throw error
  }
}

/** Never leaves this file. */
class WrongEncoding extends Error {}

function explain(error: unknown, { user, database, hosts }: PostgresAddress, location: string): Error {
  const state = stateOf(error)
  const options = { cause: error }
  const said = error instanceof Error ? error.message : String(error)
  // The driver's own words where the server asks for a password and there is none.
  const lacksPassword = /^SASL: .*password/.test(said)
  if (state === '28P01' || state === '28000' || lacksPassword) {
    return new Error(
      `PostgreSQL refused the user ${user}: check the password in DATABASE_URL or LATCHKEY_DATABASE_PASSWORD, and the server's pg_hba.conf.`,
      options,
    )
  }
  if (error instanceof WrongEncoding) {
    return new Error(
      `The database ${database} is encoded as ${said}, which cannot hold every name: make one with createdb --encoding=UTF8 --template=template0.`,
      options,
    )
  }
  if (state === '3D000') {
    return new Error(`PostgreSQL has no database ${database}: make it with createdb, or correct DATABASE_URL.`, options)
  }
  const advice =
    hosts.length > 1 ? 'check that one of these servers runs and takes writes' : 'check that the server runs'
  return new Error(
    `PostgreSQL cannot be reached at ${location} (${said}): ${advice}, and that DATABASE_URL is right.`,
    options,
  )
}
