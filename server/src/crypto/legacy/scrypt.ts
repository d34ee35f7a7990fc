import { scrypt as derive } from 'node:crypto'
import { broken, LEAST_DIGEST_BYTES, MOST, tooDear } from './bounds.ts'
import { digestHash } from './digest-hash.ts'
import type { HashProblem, LegacyHash } from './legacy-hash.ts'

/** Less memory than this, in bytes, and it is tried so fast that argon2id is put around it. */
const QUICK_MEMORY = 2 ** 20

/** What scrypt costs (RFC 7914): N is a power of two. */
export type ScryptCost = { readonly n: number; readonly r: number; readonly p: number }

/** What a format that is scrypt says of one hash. */
export type ScryptParts = {
  readonly cost: ScryptCost
  readonly salt: Uint8Array | null
  readonly expected: Uint8Array | null
  readonly stored: string
  readonly digestText: string
  readonly zero: 'A' | '0'
}

/** Makes a hash of what a format has read, once it is found to be whole and within bounds. */
export function scryptHash({ cost, salt, expected, ...text }: ScryptParts): LegacyHash | HashProblem {
  const isWhole = salt !== null && salt.length <= MOST.saltBytes && expected !== null
  if (!isWhole || expected.length < LEAST_DIGEST_BYTES || expected.length > MOST.digestBytes) {
    return broken('an scrypt hash')
  }
  const problem = judgeScrypt(cost)
  if (problem !== null) return problem
  return digestHash({
    ...text,
    expected,
    digest: (password) => runScrypt(password, salt, { cost, length: expected.length }),
    isQuick: 128 * cost.n * cost.r < QUICK_MEMORY,
  })
}

/** What is wrong with a cost, or `null`. */
export function judgeScrypt({ n, r, p }: ScryptCost): HashProblem | null {
  if (n < 2 || r < 1 || p < 1 || !Number.isInteger(Math.log2(n))) return broken('an scrypt hash')
  if (n <= MOST.scryptN && r <= MOST.scryptR && p <= MOST.scryptP) return null
  return tooDear('an scrypt hash', `N=${n}, r=${r}, p=${p}`, `N=${MOST.scryptN}, r=${MOST.scryptR}, p=${MOST.scryptP}`)
}

/** Computes scrypt beside the event loop, in as much memory as it needs: Node's own limit is below what stacks use. */
export function runScrypt(
  password: string,
  salt: Uint8Array,
  { cost: { n, r, p }, length }: { cost: ScryptCost; length: number },
): Promise<Buffer> {
  const options = { N: n, r, p, maxmem: 128 * r * (n + p + 2) + 1024 }
  return new Promise((resolve, reject) => {
    derive(password, salt, length, options, (error, key) => (error === null ? resolve(key) : reject(error)))
  })
}
