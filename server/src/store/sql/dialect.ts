import type { CompiledQuery, Dialect, Kysely, Transaction } from 'kysely'
import { AuthError } from '../../core/errors.ts'
import type { Columns } from './migrations/columns.ts'
import type { Schema } from './schema.ts'

/**
 * All that database engines disagree on. What is not here is the same SQL everywhere.
 * A new engine is a new file that makes one of these.
 */
export type Engine = {
  readonly name: string
  /** Where the data is, as an operator would recognise it; never with a password. */
  readonly location: string
  readonly dialect: Dialect
  /** How migrations write columns that engines word differently. */
  readonly columns: Columns
  /**
   * The rows of one statement that only reads, at once and past Kysely's queues; `null` when it has to wait its turn
   * there: because a transaction is open that it must not see into, or because the database is across a network.
   */
  readNow<Row>(query: CompiledQuery<Row>): Row[] | null
  /** The function that makes rows, with a column `value`, of a JSON array: many rows go in as one parameter. */
  readonly eachOf: 'json_each' | 'jsonb_array_elements'
  /** Has this transaction look rows up by their indexes, whatever the tables were like when they were looked at last. */
  preferIndexes(transaction: Transaction<Schema>): Promise<void>
  /** Makes ids that are given from now on higher than this one, which is about to be kept. */
  passId(transaction: Transaction<Schema>, id: number): Promise<void>
  /** True from the moment a statement could not be carried out until the next write is. */
  isSuspect(): boolean
  /** Whether such a table is there, in the schema that Latchkey's own tables are in. */
  hasTable(db: Kysely<Schema>, name: string): Promise<boolean>
  /** Lets the statements of this transaction take their time, where requests are held to seconds. */
  allowSlowStatements(transaction: Transaction<Schema>): Promise<void>
  /** Makes of processes that migrate at once one go on and the others wait, until the transaction ends. */
  lockMigrations(transaction: Transaction<Schema>): Promise<void>
  /** Settings that reliability hangs on, as the open database reports them. */
  readSettings(): Promise<Readonly<Record<string, string>>>
  /** The engine's own integrity check: `ok`, or its first complaint. */
  checkIntegrity(): Promise<string>
}

/** Seconds after which a client may ask again when the database could not answer. */
const RETRY_AFTER = 2

/**
 * What an engine throws when it means "not now" (locked, full, away): core's own refusal, so that every door answers it
 * with 503 and `Retry-After` rather than with a fault of the server's.
 */
export function unavailable(cause: unknown): AuthError {
  return new AuthError('overloaded', { retryAfter: RETRY_AFTER, cause })
}

/**
 * What an engine throws when a transaction met another and was undone for it (SQLSTATE 40001, 40P01): the whole of it
 * may be tried again. It is an `unavailable` of its own, for where nobody does.
 */
export class Conflict extends AuthError {
  constructor(cause: unknown) {
    super('overloaded', { retryAfter: RETRY_AFTER, cause })
  }
}
