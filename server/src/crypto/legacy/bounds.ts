import type { HashProblem } from './legacy-hash.ts'

/**
 * The most that a foreign hash may cost to check, whoever made it: more would let one row of the database stop the server.
 * The bounds of argon2 are in `../argon2-hash.ts`.
 */
export const MOST = {
  /** Characters of a stored hash, whatever its format. */
  characters: 1024,
  bcryptCost: 15,
  /** Times the blocks that the digest takes: each costs that many iterations again. */
  pbkdf2Iterations: 10_000_000,
  scryptN: 2 ** 17,
  scryptR: 8,
  scryptP: 10,
  /** SHA-crypt's default is 5000, passlib's is 656 000. */
  shaCryptRounds: 1_000_000,
  /** Of two: passlib's default is 19, WordPress' is 13. */
  phpassLog2: 19,
  saltBytes: 256,
  digestBytes: 64,
} as const

/** The shortest digest that is believed: what is shorter might be found by chance. */
export const LEAST_DIGEST_BYTES = 16

/** Says that a hash is not written as its format is. */
export function broken(what: string): HashProblem {
  return { problem: `${what} that is broken: it is not written as they are` }
}

/** Says that a hash costs more than is paid here. */
export function tooDear(what: string, cost: string, most: string): HashProblem {
  return { problem: `${what} with ${cost}: at most ${most} is checked here` }
}

/** Says that a credential names an algorithm that is not checked here: by its name, where that may be shown to an operator. */
export function unknownAlgorithm(what: string, algorithm: string): HashProblem {
  const name = /^[A-Za-z0-9_.-]{1,40}$/.test(algorithm) ? `: ${algorithm}` : ''
  return { problem: `${what} with an algorithm that is not checked here${name}` }
}
