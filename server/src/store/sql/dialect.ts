import type { Dialect } from 'kysely'

/**
 * All that database engines disagree on. What is not here is the same SQL everywhere.
 * A new engine is a new file that makes one of these.
 */
export type Engine = {
  readonly name: string
  /** Where the data is, as an operator would recognise it. */
  readonly location: string
  readonly dialect: Dialect
  /** Settings that reliability hangs on, as the open database reports them. */
  readSettings(): Promise<Readonly<Record<string, string>>>
  /** The engine's own integrity check: `ok`, or its first complaint. */
  checkIntegrity(): Promise<string>
  /** Whether an error means "not now": the database is locked, full, away. */
  isUnavailable(error: unknown): boolean
}
