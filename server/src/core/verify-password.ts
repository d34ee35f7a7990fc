import type { Ports } from './ports.ts'
import { stripOuterSpace } from './text.ts'

/**
 * Checks a normalised password as typed and, only if it has outer white space and failed, once more stripped: the DRF
 * doors strip what is set through them. A `null` hash costs exactly the same work as a wrong password.
 *
 * @returns the spelling that matched, or `null`.
 * @throws {AuthError} `overloaded` when the hashing queue is full.
 */
export async function verifyPassword(
  { passwords }: Pick<Ports, 'passwords'>,
  passwordHash: string | null,
  password: string,
): Promise<string | null> {
  if (await passwords.verify(passwordHash, password)) return password
  const stripped = stripOuterSpace(password)
  if (stripped === password) return null
  return (await passwords.verify(passwordHash, stripped)) ? stripped : null
}
