import { createHash } from 'node:crypto'
import { askRange, isInRange } from './ask-range.ts'

/** The best known password of all: whoever has breached ones at all has this one. */
const BEST_KNOWN = 'password'

/**
 * Asks a range API for the best known password.
 *
 * @returns whether it knows it.
 * @throws {Error} when no good answer comes within a second.
 */
export async function probeBreachedPasswords(url: string): Promise<boolean> {
  const hash = createHash('sha1').update(BEST_KNOWN).digest('hex').toUpperCase()
  return isInRange(await askRange(url, hash.slice(0, 5)), hash.slice(5))
}
