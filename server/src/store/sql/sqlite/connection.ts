import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import type { CompiledQuery, QueryResult } from 'kysely'

/** How many prepared statements a connection keeps. Latchkey has some fifty. */
const STATEMENTS_KEPT = 100

/** Where the connection comes from: it may be another one the next time, or refused. */
export type SqliteSource = {
  readonly database: DatabaseSync
  /** For who is in a transaction, which was looked at when it began. */
  readonly current: SqliteConnection
  /** @throws {AuthError} `overloaded`, when the database has lost its file. */
  forReading(): SqliteConnection
  /** @throws {AuthError} `overloaded`, when the database has lost its file. */
  forWriting(): SqliteConnection
  /** Is told that SQLite found damage: the file is to be looked at before it is used again. */
  doubt(): void
  close(): void
}

/** A connection with the statements that were prepared on it. Everything here happens at once, and throws what SQLite does. */
export class SqliteConnection implements SqliteSource {
  readonly database: DatabaseSync
  readonly #statements = new Map<string, { statement: StatementSync; returnsRows: boolean }>()

  constructor(database: DatabaseSync) {
    this.database = database
  }

  get current(): SqliteConnection {
    return this
  }

  get isTransaction(): boolean {
    return this.database.isTransaction
  }

  /** Runs a statement of any kind. */
  run<Row>({ sql, parameters }: CompiledQuery): QueryResult<Row> {
    const values = parameters as SQLInputValue[]
    const { statement, returnsRows } = this.#prepare(sql)
    if (returnsRows) return { rows: statement.all(...values) as Row[] }
    const { changes, lastInsertRowid } = statement.run(...values)
    return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) }
  }

  /** The rows of a statement that only reads. */
  read<Row>({ sql, parameters }: CompiledQuery<Row>): Row[] {
    return this.#prepare(sql).statement.all(...(parameters as SQLInputValue[])) as Row[]
  }

  forReading(): SqliteConnection {
    return this
  }

  forWriting(): SqliteConnection {
    return this
  }

  doubt(): void {}

  close(): void {
    this.#statements.clear()
    this.database.close()
  }

  #prepare(sql: string): { statement: StatementSync; returnsRows: boolean } {
    const known = this.#statements.get(sql)
    if (known !== undefined) return known
    const statement = this.database.prepare(sql)
    const prepared = { statement, returnsRows: statement.columns().length > 0 }
    if (this.#statements.size >= STATEMENTS_KEPT) this.#statements.clear()
    this.#statements.set(sql, prepared)
    return prepared
  }
}
