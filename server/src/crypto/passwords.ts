import { randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { hash, verify } from '@node-rs/argon2'
import { AuthError } from '../core/errors.ts'
import type { Passwords } from '../core/ports.ts'
import { createQueue } from './queue.ts'

/** Memory in KiB, passes over it, and lanes. */
export type Argon2Parameters = { readonly memory: number; readonly passes: number; readonly lanes: number }

/** How long a password may wait for its turn, in milliseconds. */
const LONGEST_WAIT = 2000

/**
 * Hashes and checks passwords with argon2id (RFC 9106), as many at once as there are cores and no more: twice as many
 * would halve the throughput. Whoever would wait longer than two seconds is told to come back.
 */
export async function createPasswords(
  parameters: Argon2Parameters,
  { workers = availableParallelism() }: { workers?: number } = {},
): Promise<Passwords> {
  // The library's own default is argon2id; its enum of algorithms has no value at run time to name it by.
  const options = {
    memoryCost: parameters.memory,
    timeCost: parameters.passes,
    parallelism: parameters.lanes,
    outputLen: 32,
  }
  const queue = createQueue({
    workers,
    longestWait: LONGEST_WAIT,
    refuse: () => new AuthError('overloaded', { retryAfter: 2 }),
  })
  // Checked in place of a hash that is not there. Nobody knows its password, not even this process.
  const decoy = await hash(randomBytes(32), options)

  return {
    hash: (password) => queue.run(() => hash(password, options)),
    verify: async (passwordHash, password) => {
      const matches = await queue.run(() => verify(passwordHash ?? decoy, password))
      return matches && passwordHash !== null
    },
    needsRehash: (passwordHash) => isWeaker(passwordHash, parameters),
  }
}

/** Whether a PHC string is not argon2id, or was made with less memory, passes or lanes. */
function isWeaker(passwordHash: string, { memory, passes, lanes }: Argon2Parameters): boolean {
  const match = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$/.exec(passwordHash)
  if (match === null) return true
  return Number(match[1]) < memory || Number(match[2]) < passes || Number(match[3]) < lanes
}
