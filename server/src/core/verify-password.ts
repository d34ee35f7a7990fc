import type { Attempt } from './attempts.ts'
import type { CheckedHash } from './find-hash.ts'
import type { Ports } from './ports.ts'
import { spellPassword } from './spell-password.ts'

/**
 * Checks a password, as typed, in one spelling after the other. A decoy, and a `null` hash, cost exactly the same work as
 * a wrong password.
 *
 * @param options.attempt is given back when the first spelling could not be judged, and only then: once it was, a full
 *   queue would tell that it is wrong, for nothing.
 * @returns the spelling that matched, or `null`.
 * @throws {AuthError} `overloaded` when the hashing queue is full.
 */
export async function verifyPassword(
  { passwords, store }: Pick<Ports, 'passwords' | 'store'>,
  { passwordHash, isDecoy, password, attempt }: CheckedHash & { password: string; attempt: Attempt },
): Promise<string | null> {
  let isJudged = false
  for (const spelling of spellPassword(password, passwords.spellAsBefore(passwordHash, password))) {
    const isRight = await passwords.verify(passwordHash, spelling).catch(async (error) => {
      if (!isJudged) await store.settleAttempts(attempt.onRelease)
      throw error
    })
    if (isRight && !isDecoy) return spelling
    isJudged = true
  }
  return null
}
