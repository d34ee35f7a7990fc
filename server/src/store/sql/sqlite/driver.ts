import { type CompiledQuery, type DatabaseConnection, type Driver, type QueryResult, SqliteAdapter } from 'kysely'
import type { SqliteAccess } from './access.ts'

/** A statement that starts so only reads; Latchkey has none that reads and starts otherwise. */
const READS = /^\s*select\b/i

/**
 * What Kysely has to know of SQLite. Changes of the schema are rolled back as any other, so that all migrations happen
 * in one transaction. And who may use the one connection when is for `SqliteAccess` to say: Kysely would let a read
 * wait for every write before it.
 */
export class LatchkeySqliteAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }

  override get supportsMultipleConnections(): boolean {
    return true
  }
}

/** Kysely's driver over `node:sqlite`. */
export class SqliteDriver implements Driver {
  readonly #access: SqliteAccess

  constructor(access: SqliteAccess) {
    this.#access = access
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<SqliteLease> {
    return new SqliteLease(this.#access)
  }

  async releaseConnection(): Promise<void> {}

  beginTransaction(lease: SqliteLease): Promise<void> {
    return lease.begin()
  }

  async commitTransaction(lease: SqliteLease): Promise<void> {
    lease.commit()
  }

  async rollbackTransaction(lease: SqliteLease): Promise<void> {
    lease.rollback()
  }

  async destroy(): Promise<void> {
    this.#access.close()
  }
}

/** The connection, as one caller has it: with a transaction of its own, or without one. */
class SqliteLease implements DatabaseConnection {
  readonly #access: SqliteAccess
  #isWithin = false

  constructor(access: SqliteAccess) {
    this.#access = access
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    if (this.#isWithin) return this.#access.runWithin(query)
    return READS.test(query.sql) ? this.#access.read(query) : this.#access.write(query)
  }

  // biome-ignore lint/correctness/useYield: the interface wants a generator; nothing in Latchkey streams.
  async *streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new Error('The SQLite driver does not stream.')
  }

  async begin(): Promise<void> {
    await this.#access.begin()
    this.#isWithin = true
  }

  commit(): void {
    this.#access.commit()
    this.#isWithin = false
  }

  rollback(): void {
    this.#isWithin = false
    this.#access.rollback()
  }
}
