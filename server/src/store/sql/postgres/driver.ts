import { CompiledQuery, type DatabaseConnection, type Driver, type QueryResult, type TransactionSettings } from 'kysely'
import type { PoolClient, QueryConfig } from 'pg'
import { retryConflicts } from '../atomically.ts'
import { unavailable } from '../dialect.ts'
import { cancelWork } from './cancel.ts'
import { breaksConnection, isSilence, translateError } from './errors.ts'
import type { PostgresPool } from './pool.ts'

/** How many statements get a name, and so are parsed once a connection. Latchkey has some fifty. */
const STATEMENTS_NAMED = 200

/** Commands after which something has been written, or would have been. */
const WRITES = new Set(['INSERT', 'UPDATE', 'DELETE', 'COMMIT'])

/** Lifts the time limit of statements until the transaction ends. */
export const ALLOW_SLOW = 'set local statement_timeout = 0'
/** When a server is given up that does not even end a statement which ran out of time, in milliseconds. */
const SILENCE = 6000
/** The same where statements have no limit of their own. */
const LONG_SILENCE = 86_400_000

/** What the server is known to be like now; shared by all connections of an engine. */
export type Condition = { isSuspect: boolean }

/**
 * Kysely's driver over `pg`. It differs from Kysely's own in what it believes: an error of the connection is core's "not
 * now", a statement that met another is tried again, and a commit counts only if the server said COMMIT and did not
 * warn that a standby may not have it.
 */
export class PostgresDriver implements Driver {
  readonly #pool: PostgresPool
  readonly #condition: Condition
  readonly #names = new Map<string, string>()

  constructor(pool: PostgresPool, condition: Condition) {
    this.#pool = pool
    this.#condition = condition
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<PostgresConnection> {
    try {
      return new PostgresConnection(await this.#pool.connect(), this.#names, this.#condition)
    } catch (error) {
      this.#condition.isSuspect = true
      throw unavailable(error)
    }
  }

  async beginTransaction(connection: PostgresConnection, _settings: TransactionSettings): Promise<void> {
    await connection.begin()
  }

  async commitTransaction(connection: PostgresConnection): Promise<void> {
    await connection.commit()
  }

  async rollbackTransaction(connection: PostgresConnection): Promise<void> {
    await connection.rollback()
  }

  async releaseConnection(connection: PostgresConnection): Promise<void> {
    connection.release()
  }

  async destroy(): Promise<void> {
    await this.#pool.end()
  }
}

/** A connection from the pool, until it is given back. */
export class PostgresConnection implements DatabaseConnection {
  readonly #client: PoolClient
  readonly #names: Map<string, string>
  readonly #condition: Condition
  #isBroken = false
  #isInTransaction = false
  #silence = SILENCE
  /** What the server warned of during the present statement. */
  #warning: string | null = null

  constructor(client: PoolClient, names: Map<string, string>, condition: Condition) {
    this.#client = client
    this.#names = names
    this.#condition = condition
    client.on('error', this.#onLost)
    client.on('notice', this.#onNotice)
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    // In a transaction that met another, every further statement fails: the whole of it is tried again, by `atomically`.
    return this.#isInTransaction ? this.#run(query) : retryConflicts(() => this.#run(query))
  }

  // biome-ignore lint/correctness/useYield: the interface wants a generator; nothing in Latchkey streams.
  async *streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new Error('The PostgreSQL driver does not stream.')
  }

  async begin(): Promise<void> {
    await this.#run(CompiledQuery.raw('begin'))
    this.#isInTransaction = true
  }

  async commit(): Promise<void> {
    this.#isInTransaction = false
    await this.#run(CompiledQuery.raw('commit'))
  }

  /** Never fails: a transaction whose connection is gone is undone by the server. */
  async rollback(): Promise<void> {
    this.#isInTransaction = false
    if (this.#isBroken) return
    await this.#run(CompiledQuery.raw('rollback')).catch(() => {
      this.#isBroken = true
    })
  }

  release(): void {
    this.#client.off('error', this.#onLost)
    this.#client.off('notice', this.#onNotice)
    this.#client.release(this.#isBroken)
  }

  async #run<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    this.#warning = null
    if (sql === ALLOW_SLOW) this.#silence = LONG_SILENCE
    try {
      const { command, rowCount, rows } = await this.#client.query(this.#toConfig(sql, parameters))
      if (sql === 'commit' && command !== 'COMMIT') throw new Error('The transaction was rolled back by the server.')
      if (WRITES.has(command)) this.#believeWrite()
      return { rows, ...(rowCount === null ? {} : { numAffectedRows: BigInt(rowCount) }) }
    } catch (error) {
      if (breaksConnection(error)) this.#isBroken = true
      if (isSilence(error)) cancelWork(this.#client)
      const translated = translateError(error)
      if (translated !== error) this.#condition.isSuspect = true
      throw translated
    }
  }

  /**
   * A commit that waits for a standby and is interrupted is kept here and reported as done, with a warning: after a
   * failover it could be gone. What is only here is not durable, so it is not acknowledged.
   */
  #believeWrite(): void {
    if (this.#isInTransaction) return
    if (this.#warning !== null) throw new Error(`The commit is not known to be replicated: ${this.#warning}`)
    this.#condition.isSuspect = false
  }

  #toConfig(text: string, parameters: readonly unknown[]): QueryConfig & { query_timeout: number } {
    const values = [...parameters]
    const query_timeout = this.#silence
    // A statement without values runs once in a while: `begin`, or a migration, which may hold several.
    if (values.length === 0) return { text, query_timeout }
    const known = this.#names.get(text)
    if (known !== undefined) return { name: known, text, values, query_timeout }
    if (this.#names.size >= STATEMENTS_NAMED) return { text, values, query_timeout }
    const name = `latchkey_${this.#names.size}`
    this.#names.set(text, name)
    return { name, text, values, query_timeout }
  }

  readonly #onLost = (): void => {
    this.#isBroken = true
  }

  readonly #onNotice = ({ code, message }: { code?: string | undefined; message?: string | undefined }): void => {
    // Classes 01 (warning) and 57 (operator intervention); 00 is information.
    if (code?.startsWith('01') === true || code?.startsWith('57') === true) this.#warning = message ?? code
  }
}
