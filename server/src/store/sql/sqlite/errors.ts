import { AuthError } from '../../../core/errors.ts'
import { unavailable } from '../dialect.ts'

const BUSY = 5
const CORRUPT = 11
const NOT_A_DATABASE = 26

/**
 * SQLITE_BUSY, LOCKED, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, PROTOCOL, NOTADB: the request is sound, the disk, the
 * file or the moment is not.
 */
const UNAVAILABLE = new Set([BUSY, 6, 8, 10, CORRUPT, 13, 14, 15, NOT_A_DATABASE])

/** SQLite's own number for an error, without its extension; `null` for an error of anybody else. */
export function primaryCode(error: unknown): number | null {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return null
  // Extended codes keep the primary one in their lowest byte.
  return error.errcode & 0xff
}

/** Whether somebody else has the lock that a statement needs; of a snapshot that is too old to write to, too. */
export function isBusy(error: unknown): boolean {
  return primaryCode(error) === BUSY
}

/** Whether the file is not what SQLite wrote: damaged, or no database at all. */
export function isDamage(error: unknown): boolean {
  const code = primaryCode(error)
  return code === CORRUPT || code === NOT_A_DATABASE
}

/** What is thrown for an error of SQLite's: core's own refusal where it means "not now", and the error itself elsewhere. */
export function toRefusal(error: unknown): unknown {
  const code = primaryCode(error)
  return code !== null && UNAVAILABLE.has(code) ? unavailable(error) : error
}

/** Whether an error tells that the database cannot be used now. */
export function isRefusal(error: unknown): boolean {
  return error instanceof AuthError && error.code === 'overloaded'
}
