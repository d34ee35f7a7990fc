import { chmodSync, existsSync, mkdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import { type Engine, unavailable } from './dialect.ts'

/** How long a write waits for another process to finish its own, in milliseconds. */
const BUSY_TIMEOUT = 5000
/** How many prepared statements a connection keeps. Latchkey has some thirty. */
const STATEMENTS_KEPT = 100

/**
 * Opens an SQLite database on Node's own driver: write-ahead log, every commit synced to disk, foreign keys on, the
 * file readable by its owner alone.
 *
 * @param path a file, made with its directory when it is not there, or `:memory:`.
 * @throws {Error} one sentence for the operator when the file cannot be opened or a setting does not hold.
 */
export function openSqlite(path: string): Engine {
  const location = path === ':memory:' ? path : resolve(path)
  const database = openFile(location)
  try {
    applySettings(database, location)
  } catch (error) {
    database.close()
    throw error
  }
  const connection = new SqliteConnection(database)
  return {
    name: `SQLite ${scalar(database, 'select sqlite_version()')}`,
    location,
    dialect: {
      createDriver: () => new SqliteDriver(database, connection),
      createQueryCompiler: () => new SqliteQueryCompiler(),
      createAdapter: () => new TransactionalAdapter(),
      createIntrospector: (db) => new SqliteIntrospector(db),
    },
    // Nothing here waits between two statements but a transaction, and every statement runs to its end at once.
    readNow: (query) => (database.isTransaction ? null : connection.read(query)),
    readSettings: async () => readSettings(database),
    checkIntegrity: async () => scalar(database, 'pragma quick_check(1)'),
  }
}

function openFile(location: string): DatabaseSync {
  try {
    if (location !== ':memory:') {
      if (!existsSync(dirname(location))) mkdirSync(dirname(location), { recursive: true, mode: 0o700 })
    }
    const database = new DatabaseSync(location, { timeout: BUSY_TIMEOUT, enableForeignKeyConstraints: true })
    if (location !== ':memory:') chmodSync(location, 0o600)
    return database
  } catch (error) {
    throw new Error(
      `The database ${location} cannot be opened: check that DATABASE_URL is right and that this user may write there.`,
      { cause: error },
    )
  }
}

function applySettings(database: DatabaseSync, location: string): void {
  try {
    execPatiently(database, 'pragma journal_mode=WAL; pragma synchronous=FULL; pragma trusted_schema=OFF')
  } catch (error) {
    throw new Error(`The file ${location} cannot be used as a database: is it one, and may this user write to it?`, {
      cause: error,
    })
  }
  const settings = readSettings(database)
  const journal = location === ':memory:' ? 'memory' : 'wal'
  if (settings.journal_mode !== journal || settings.synchronous !== 'FULL' || settings.foreign_keys !== 'ON') {
    throw new Error(
      `SQLite would not take the settings that keep data safe (WAL, FULL, foreign keys) for ${location}: use a local disk, not a network share.`,
    )
  }
}

/**
 * The busy timeout does not hold for the change to WAL: of several processes that open a new file at the same moment
 * SQLite tells some at once that it is locked.
 */
function execPatiently(database: DatabaseSync, sql: string): void {
  const deadline = performance.now() + BUSY_TIMEOUT
  for (;;) {
    try {
      database.exec(sql)
      return
    } catch (error) {
      if (primaryCode(error) !== SQLITE_BUSY || performance.now() > deadline) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
    }
  }
}

function readSettings(database: DatabaseSync): Readonly<Record<string, string>> {
  const synchronous = ['OFF', 'NORMAL', 'FULL', 'EXTRA'][Number(scalar(database, 'pragma synchronous'))]
  return {
    journal_mode: scalar(database, 'pragma journal_mode'),
    synchronous: synchronous ?? 'unknown',
    foreign_keys: scalar(database, 'pragma foreign_keys') === '1' ? 'ON' : 'OFF',
    trusted_schema: scalar(database, 'pragma trusted_schema') === '1' ? 'ON' : 'OFF',
    busy_timeout: scalar(database, 'pragma busy_timeout'),
  }
}

function scalar(database: DatabaseSync, sql: string): string {
  const row = database.prepare(sql).get() ?? {}
  return String(Object.values(row)[0])
}

const SQLITE_BUSY = 5
/** SQLITE_BUSY, LOCKED, READONLY, IOERR, FULL, CANTOPEN: the request is sound, the disk is not, or not now. */
const UNAVAILABLE = new Set([SQLITE_BUSY, 6, 8, 10, 13, 14])

function isUnavailable(error: unknown): boolean {
  const code = primaryCode(error)
  return code !== null && UNAVAILABLE.has(code)
}

function primaryCode(error: unknown): number | null {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return null
  // Extended codes keep the primary one in their lowest byte.
  return error.errcode & 0xff
}

/**
 * SQLite rolls back changes of the schema as it does any other; Kysely's own adapter does not rely on it. With this, all
 * migrations happen in one transaction, and of two processes that start at once the second finds them done.
 */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

/**
 * Kysely's driver over `node:sqlite`. SQLite has one connection; those who wait for it are served in order, so that a
 * transaction is never joined by somebody else's statement.
 */
class SqliteDriver implements Driver {
  readonly #database: DatabaseSync
  readonly #connection: SqliteConnection
  #isTaken = false
  readonly #waiting: (() => void)[] = []

  constructor(database: DatabaseSync, connection: SqliteConnection) {
    this.#database = database
    this.#connection = connection
  }

  async init(): Promise<void> {}

  acquireConnection(): Promise<DatabaseConnection> {
    if (!this.#isTaken) {
      this.#isTaken = true
      return Promise.resolve(this.#connection)
    }
    return new Promise((resolve) => this.#waiting.push(() => resolve(this.#connection)))
  }

  async releaseConnection(): Promise<void> {
    const next = this.#waiting.shift()
    if (next === undefined) this.#isTaken = false
    else next()
  }

  // IMMEDIATE, because a deferred transaction that turns to writing fails at once, whatever the busy timeout says.
  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'))
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('commit'))
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    // A full disk or an I/O error makes SQLite roll back by itself; there is nothing left to undo then.
    if (this.#database.isTransaction) await connection.executeQuery(CompiledQuery.raw('rollback'))
  }

  async destroy(): Promise<void> {
    this.#connection.forgetStatements()
    this.#database.close()
  }
}

class SqliteConnection implements DatabaseConnection {
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, { statement: StatementSync; returnsRows: boolean }>()

  constructor(database: DatabaseSync) {
    this.#database = database
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    const values = parameters as SQLInputValue[]
    try {
      const { statement, returnsRows } = this.#prepare(sql)
      if (returnsRows) return { rows: statement.all(...values) as Row[] }
      const { changes, lastInsertRowid } = statement.run(...values)
      return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) }
    } catch (error) {
      throw isUnavailable(error) ? unavailable(error) : error
    }
  }

  read<Row>({ sql, parameters }: CompiledQuery<Row>): Row[] {
    try {
      return this.#prepare(sql).statement.all(...(parameters as SQLInputValue[])) as Row[]
    } catch (error) {
      throw isUnavailable(error) ? unavailable(error) : error
    }
  }

  // biome-ignore lint/correctness/useYield: the interface wants a generator; nothing in Latchkey streams.
  async *streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new Error('The SQLite driver does not stream.')
  }

  forgetStatements(): void {
    this.#statements.clear()
  }

  #prepare(sql: string): { statement: StatementSync; returnsRows: boolean } {
    const known = this.#statements.get(sql)
    if (known !== undefined) return known
    const statement = this.#database.prepare(sql)
    const prepared = { statement, returnsRows: statement.columns().length > 0 }
    if (this.#statements.size >= STATEMENTS_KEPT) this.#statements.clear()
    this.#statements.set(sql, prepared)
    return prepared
  }
}
