import type { Credential } from './account.ts'
import type { Identifier } from './identifier.ts'
import type { Ports } from './ports.ts'

/** What a password is checked against. A decoy never matches, whatever is typed. */
export type CheckedHash = {
  /** `null` for whatever the hasher has for such a case. */
  readonly passwordHash: string | null
  readonly isDecoy: boolean
}

/** So many hexadecimal digits make more points than there will be accounts. */
const POINT_DIGITS = 8

/**
 * Finds the hash that a password is to be checked against. Where back ends before made hashes that take longer than ours,
 * how long a no takes would tell who has an account: so a name that nobody has is checked against the hash of somebody
 * else. Whose it is hangs on a pseudonym of the name, and subjects are random: unknown names are spread over hashes as
 * accounts are, each stays what it is, in every process, and is upgraded when its neighbour is.
 *
 * An account whose hash is not there, or cannot be checked, is like none; one whose kind of name a door does not take
 * costs there what it costs elsewhere. Everybody is looked up a neighbour, so that nobody is told apart by that.
 */
export async function findHash(
  { store, passwords, tokens }: Pick<Ports, 'store' | 'passwords' | 'tokens'>,
  { identifier, owner, isTaken }: { identifier: Identifier; owner: Credential | null; isTaken: boolean },
): Promise<CheckedHash> {
  // The audit log shows a pseudonym of the name: this one is another.
  const neighbours = await store.findNeighbours(tokens.pseudonym(`decoy ${identifier}`).slice(0, POINT_DIGITS))
  const own = owner?.passwordHash ?? null
  if (own !== null && passwords.canCheck(own)) return { passwordHash: own, isDecoy: !isTaken }
  return { passwordHash: neighbours.find((hash) => passwords.canCheck(hash)) ?? null, isDecoy: true }
}
