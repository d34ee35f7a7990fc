import { AuthError } from '../../core/errors.ts'
import { describeError } from '../report-error.ts'

/**
 * Why a file could not be worked on, as a sentence. To a server an unwell disk or database means "not now"; here nobody
 * else is at the file, and the reason is the file's own.
 */
export function wordReason(error: unknown): string {
  const words = describeError(error instanceof AuthError && error.cause !== undefined ? error.cause : error)
  return /[.!?]$/.test(words) ? words : `${words}.`
}
