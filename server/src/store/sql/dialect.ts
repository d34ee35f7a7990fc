import type { CompiledQuery, Dialect } from 'kysely'

/**
 * All that database engines disagree on. What is not here is the same SQL everywhere.
 * A new engine is a new file that makes one of these.
 */
export type Engine = {
  readonly name: string
  /** Where the data is, as an operator would recognise it. */
  readonly location: string
  readonly dialect: Dialect
  /**
   * The rows of one statement that only reads, at once and past Kysely's queues; `null` when it has to wait its turn
   * there, because a transaction is open that it must not see into.
   */
  readNow<Row>(query: CompiledQuery<Row>): Row[] | null
  /** Settings that reliability hangs on, as the open database reports them. */
  readSettings(): Promise<Readonly<Record<string, string>>>
  /** The engine's own integrity check: `ok`, or its first complaint. */
  checkIntegrity(): Promise<string>
  /** Whether an error means "not now": the database is locked, full, away. */
  isUnavailable(error: unknown): boolean
}
