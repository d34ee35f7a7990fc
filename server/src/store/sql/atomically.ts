import type { Kysely, Transaction } from 'kysely'
import { Conflict } from './dialect.ts'
import type { Schema } from './schema.ts'

/** How often a group of statements that met another is tried again. */
const MOST_RETRIES = 3
/** The longest pause before the first of them, in milliseconds; it doubles. */
const FIRST_PAUSE = 10

/**
 * Runs a group of statements as one: all of it happens, or nothing. Where the engine undid it because it met another
 * (a deadlock, a serialization failure), the whole group is tried again, so `work` must do nothing but ask the database.
 *
 * @throws {AuthError} `overloaded` when it meets others again and again.
 */
export function atomically<Result>(
  db: Kysely<Schema>,
  work: (transaction: Transaction<Schema>) => Promise<Result>,
): Promise<Result> {
  return retryConflicts(() => db.transaction().execute(work))
}

/** Tries again what an engine undid because it met something else. */
export async function retryConflicts<Result>(attempt: () => Promise<Result>): Promise<Result> {
  for (let tries = 0; ; tries++) {
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof Conflict) || tries === MOST_RETRIES) throw error
      // At random, or two that met would meet again.
      await pause(Math.random() * FIRST_PAUSE * 2 ** tries)
    }
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
