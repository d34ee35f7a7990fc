import type { Attempt } from './attempts.ts'
import type { Ports } from './ports.ts'
import { stripOuterSpace } from './text.ts'

/**
 * Checks a normalised password as typed and, only if it has outer white space and failed, once more stripped: the DRF
 * doors strip what is set through them. A `null` hash costs exactly the same work as a wrong password.
 *
 * @param options.attempt is given back when the first spelling could not be judged, and only then: once it was, a full
 *   queue would tell that it is wrong, for nothing.
 * @returns the spelling that matched, or `null`.
 * @throws {AuthError} `overloaded` when the hashing queue is full.
 */
export async function verifyPassword(
  { passwords, store }: Pick<Ports, 'passwords' | 'store'>,
  { passwordHash, password, attempt }: { passwordHash: string | null; password: string; attempt: Attempt },
): Promise<string | null> {
  const isRight = await passwords.verify(passwordHash, password).catch(async (error) => {
    await store.settleAttempts(attempt.onRelease)
    throw error
  })
  if (isRight) return password
  const stripped = stripOuterSpace(password)
  if (stripped === password) return null
  return (await passwords.verify(passwordHash, stripped)) ? stripped : null
}
