import type { CompiledQuery, Dialect } from 'kysely'
import { AuthError } from '../../core/errors.ts'

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
