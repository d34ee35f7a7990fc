import { randomBytes, randomInt } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { hash, verify } from '@node-rs/argon2'
import { AuthError } from '../core/errors.ts'
import type { Passwords } from '../core/ports.ts'
import { type Argon2Parameters, areSameParameters } from './argon2-hash.ts'
import { createEvening } from './even-out.ts'
import { createQueue } from './queue.ts'
import { readStoredHash } from './stored-hash.ts'

export type { Argon2Parameters }

/** How long a password may wait for its turn, in milliseconds. */
const LONGEST_WAIT = 2000
/** When whoever was refused may come back, in seconds: a burst is worked off in the longest wait. */
const SOONEST = 2
const LATEST = 5
/** How many may wait at once. Each holds its request, some 20 KB. */
const MOST_WAITING = 1000
/** The least memory that a piece of work takes, in KiB: a tenth of a millisecond or so. */
const LEAST_MEMORY = 64

/** How many hashes are made at once, and who hears of a stored one that cannot be checked. */
export type PasswordOptions = {
  readonly workers?: number
  /** Gets one sentence for the operator, once. */
  readonly warn?: (sentence: string) => void
}

/**
 * Hashes and checks passwords with argon2id (RFC 9106), as many at once as there are cores and no more: twice as many
 * would halve the throughput. Whoever would wait longer than two seconds is told to come back. What back ends before made
 * is checked too, in the same queue.
 *
 * To check a hash that was made with less takes as long as one made with the parameters in force: else the quicker no
 * would tell that there is an account. One made with more takes longer: whoever asks sees to it that a wrong name takes as
 * long now and then (`core/find-hash.ts`).
 */
export async function createPasswords(
  parameters: Argon2Parameters,
  { workers = availableParallelism(), warn = () => {} }: PasswordOptions = {},
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
    mostWaiting: MOST_WAITING,
    // Not all at the same moment: they would be refused together again.
    refuse: () => new AuthError('overloaded', { retryAfter: randomInt(SOONEST, LATEST + 1) }),
  })
  const evening = createEvening((share) => hash('', { ...options, timeCost: 1, memoryCost: memoryFor(share) }))
  const made = performance.now()
  // Checked in place of a hash that is not there. Nobody knows its password, not even this process. In the queue, so that
  // it knows from the start about how long a password takes.
  const decoy = await queue.run(() => hash(randomBytes(32), options))
  evening.note(performance.now() - made)
  let hasWarned = false

  return {
    hash: (password) => queue.run(() => hash(password, options)),
    verify: (passwordHash, password) => queue.run(() => check(passwordHash, password)),
    needsRehash: (passwordHash) => isWeaker(passwordHash, parameters),
    canCheck(passwordHash) {
      const canCheck = readStoredHash(passwordHash) !== null
      if (!canCheck) warnOnce()
      return canCheck
    },
    spellAsBefore(passwordHash, password) {
      const stored = passwordHash === null ? null : readStoredHash(passwordHash)
      return stored?.spell?.(password) ?? null
    },
    isFull: queue.isFull,
    isBusy: queue.isBusy,
  }

  async function check(passwordHash: string | null, password: string): Promise<boolean> {
    const matches = passwordHash === null ? null : await checkStored(passwordHash, password)
    if (matches !== null) return matches
    const started = performance.now()
    await verify(decoy, password)
    evening.note(performance.now() - started)
    return false
  }

  /** @returns `null`, at no cost, for a hash that cannot be checked. */
  async function checkStored(passwordHash: string, password: string): Promise<boolean | null> {
    const stored = readStoredHash(passwordHash)
    const started = performance.now()
    // What is written like a hash may still be none.
    const matches = stored === null ? null : await stored.verify(password).catch(() => null)
    if (stored === null || matches === null) warnOnce()
    else if (areSameParameters(stored.argon2, parameters)) evening.note(performance.now() - started)
    else await evening.fillUp(started)
    return matches
  }

  /** Memory is written for the first time in the first pass: one costs about as much as the others together. */
  function memoryFor(share: number): number {
    const least = Math.max(LEAST_MEMORY, 8 * parameters.lanes)
    return Math.max(least, Math.floor(Math.min(1, share) * parameters.memory))
  }

  function warnOnce(): void {
    if (hasWarned) return
    hasWarned = true
    warn(
      'a stored password hash is none that Latchkey checks, or would cost too much to check (of argon2 at most m=262144, t=10, p=16 are checked): whoever has it cannot sign in until the password is set anew, by a reset or by an operator. Others are not warned of until the next start.',
    )
  }
}

/** Whether a PHC string is not argon2id, or was made with less memory, passes or lanes. */
function isWeaker(passwordHash: string, { memory, passes, lanes }: Argon2Parameters): boolean {
  const match = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$/.exec(passwordHash)
  if (match === null) return true
  return Number(match[1]) < memory || Number(match[2]) < passes || Number(match[3]) < lanes
}
