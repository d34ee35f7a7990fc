import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import { CompiledQuery, type DatabaseConnection, type Driver, type QueryResult, SqliteAdapter } from 'kysely'
import { unavailable } from './dialect.ts'

/** How many prepared statements a connection keeps. Latchkey has some thirty. */
const STATEMENTS_KEPT = 100

/** SQLITE_BUSY, LOCKED, READONLY, IOERR, FULL, CANTOPEN: the request is sound, the disk is not, or not now. */
const UNAVAILABLE = new Set([5, 6, 8, 10, 13, 14])

function isUnavailable(error: unknown): boolean {
  const code = primaryCode(error)
  return code !== null && UNAVAILABLE.has(code)
}

/** SQLite's own number for an error, without its extension; `null` for an error of anybody else. */
export function primaryCode(error: unknown): number | null {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return null
  // Extended codes keep the primary one in their lowest byte.
  return error.errcode & 0xff
}

/**
 * SQLite rolls back changes of the schema as it does any other; Kysely's own adapter does not rely on it. With this, all
 * migrations happen in one transaction, and of two processes that start at once the second finds them done.
 */
export class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

/**
 * Kysely's driver over `node:sqlite`. SQLite has one connection; those who wait for it are served in order, so that a
 * transaction is never joined by somebody else's statement.
 */
export class SqliteDriver implements Driver {
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

export class SqliteConnection implements DatabaseConnection {
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
