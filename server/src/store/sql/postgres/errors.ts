import { DatabaseError } from 'pg'
import { Conflict, unavailable } from '../dialect.ts'

/** SQLSTATEs of a transaction that met another one and was undone for it: serialization failure, deadlock. */
const CONFLICTS = new Set(['40001', '40P01'])

/**
 * SQLSTATE classes that say nothing of the request and everything of the server: connection exceptions, failed
 * authentication, no such database, transactions rolled back or of unknown outcome, insufficient resources, objects in
 * use, operator intervention, system errors, damaged data.
 */
const UNAVAILABLE_CLASSES = new Set(['08', '28', '3D', '40', '53', '55', '57', '58', 'XX'])

/** Of other classes: read-only (a standby), a transaction idle for too long. */
const UNAVAILABLE_STATES = new Set(['25006', '25P03'])

/** Undone for another's sake, too slow, or too long at somebody's lock: the connection itself is sound. */
const SOUND_AFTER = new Set([...CONFLICTS, '55P03', '57014'])

/** What a failed statement means to core: try again, not now, or (as it came) a fault of ours. */
export function translateError(error: unknown): unknown {
  const state = stateOf(error)
  if (state === null) return isOfTheDriver(error) ? unavailable(error) : error
  if (CONFLICTS.has(state)) return new Conflict(error)
  return isOutdated(error) || UNAVAILABLE_CLASSES.has(state.slice(0, 2)) || UNAVAILABLE_STATES.has(state)
    ? unavailable(error)
    : error
}

/** Whether a connection on which this happened is of no more use: lost, hung, or to a server that takes no writes. */
export function breaksConnection(error: unknown): boolean {
  const state = stateOf(error)
  if (state === null) return isOfTheDriver(error)
  if (isOutdated(error)) return true
  return !SOUND_AFTER.has(state) && (UNAVAILABLE_CLASSES.has(state.slice(0, 2)) || UNAVAILABLE_STATES.has(state))
}

/** Whether the server did not answer for longer than it may take: it may still be at it. */
export function isSilence(error: unknown): boolean {
  return error instanceof Error && error.message === 'Query read timeout'
}

/** Five characters, as PostgreSQL lists them in appendix A; `null` for what did not come from the server. */
export function stateOf(error: unknown): string | null {
  return error instanceof DatabaseError ? (error.code ?? null) : null
}

/** A migration has changed the type of a column, and a statement was parsed before: another connection knows better. */
function isOutdated(error: unknown): boolean {
  return error instanceof DatabaseError && error.routine === 'RevalidateCachedQuery'
}

const MISTAKES = [TypeError, RangeError, ReferenceError, SyntaxError]

/** The driver and the operating system word a lost, closed, hung or refused connection as they like; not as these. */
function isOfTheDriver(error: unknown): boolean {
  return error instanceof Error && !MISTAKES.some((mistake) => error instanceof mistake)
}
