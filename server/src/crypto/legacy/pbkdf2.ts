import { pbkdf2 as derive } from 'node:crypto'
import { broken, LEAST_DIGEST_BYTES, MOST, tooDear } from './bounds.ts'
import { digestHash } from './digest-hash.ts'
import type { HashProblem, LegacyHash } from './legacy-hash.ts'

/** The bytes that a digest algorithm gives: of PBKDF2, each so many cost all iterations again. */
const DIGEST_BYTES = { md5: 16, sha1: 20, sha224: 28, sha256: 32, sha384: 48, sha512: 64 } as const
/** Fewer iterations than these are tried so fast that argon2id is put around them. Django has made more since 2012. */
const QUICK_ITERATIONS = 10_000

/** A digest algorithm that PBKDF2 is met with. */
export type Pbkdf2Digest = keyof typeof DIGEST_BYTES

/** What a format that is PBKDF2 says of one hash. */
export type Pbkdf2Parts = {
  readonly algorithm: Pbkdf2Digest
  readonly iterations: number
  readonly salt: Uint8Array | null
  readonly expected: Uint8Array | null
  readonly stored: string
  readonly digestText: string
  readonly zero: 'A' | '0'
}

/** The algorithm of a name as stacks write it: `sha256`. */
export function readPbkdf2Digest(name: string): Pbkdf2Digest | null {
  return isDigest(name) ? name : null
}

/** Makes a hash of what a format has read, once it is found to be whole and within bounds. */
export function pbkdf2Hash({ salt, expected, iterations, algorithm, ...text }: Pbkdf2Parts): LegacyHash | HashProblem {
  const isWhole = salt !== null && salt.length <= MOST.saltBytes && expected !== null
  if (!isWhole || expected.length < LEAST_DIGEST_BYTES || iterations < 1) return broken('a PBKDF2 hash')
  if (expected.length > MOST.digestBytes) return broken('a PBKDF2 hash')
  const blocks = Math.ceil(expected.length / DIGEST_BYTES[algorithm])
  if (iterations * blocks > MOST.pbkdf2Iterations) {
    const each = blocks === 1 ? '' : ` for each of ${blocks} blocks`
    return tooDear('a PBKDF2 hash', `${iterations} iterations${each}`, String(MOST.pbkdf2Iterations))
  }
  return digestHash({
    ...text,
    expected,
    digest: (password) => deriveKey(password, { salt, iterations, algorithm, length: expected.length }),
    isQuick: iterations < QUICK_ITERATIONS,
  })
}

function deriveKey(
  password: string,
  { salt, iterations, algorithm, length }: { salt: Uint8Array; iterations: number; algorithm: string; length: number },
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    derive(password, salt, iterations, length, algorithm, (error, key) =>
      error === null ? resolve(key) : reject(error),
    )
  })
}

function isDigest(name: string): name is Pbkdf2Digest {
  return Object.hasOwn(DIGEST_BYTES, name)
}
