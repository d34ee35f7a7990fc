import { createHash, hash } from 'node:crypto'
import { broken, MOST, tooDear } from './bounds.ts'
import { digestHash } from './digest-hash.ts'
import type { LegacyFormat } from './legacy-hash.ts'
import { cutPassword, runRounds } from './rounds.ts'
import { writeCrypt64 } from './text-forms.ts'

/** Fewer rounds than these are tried so fast that argon2id is put around them. */
const QUICK_ROUNDS = 10_000
const DEFAULT_ROUNDS = 5000
const LEAST_ROUNDS = 1000
/** The order in which the digest's bytes are written. */
const ORDER_256 = [
  20, 10, 0, 11, 1, 21, 2, 22, 12, 23, 13, 3, 14, 4, 24, 5, 25, 15, 26, 16, 6, 17, 7, 27, 8, 28, 18, 29, 19, 9, 30, 31,
]
const ORDER_512 = [
  42, 21, 0, 1, 43, 22, 23, 2, 44, 45, 24, 3, 4, 46, 25, 26, 5, 47, 48, 27, 6, 7, 49, 28, 29, 8, 50, 51, 30, 9, 10, 52,
  31, 32, 11, 53, 54, 33, 12, 13, 55, 34, 35, 14, 56, 57, 36, 15, 16, 58, 37, 38, 17, 59, 60, 39, 18, 19, 61, 40, 41,
  20, 62, 63,
]

/** `$5$rounds=5000$salt$digest`, the digest in 43 characters. */
export const SHA256_CRYPT: LegacyFormat = shaCrypt('$5$', { algorithm: 'sha256', characters: 43, order: ORDER_256 })
/** `$6$rounds=5000$salt$digest`, the digest in 86 characters. */
export const SHA512_CRYPT: LegacyFormat = shaCrypt('$6$', { algorithm: 'sha512', characters: 86, order: ORDER_512 })

type Kind = { algorithm: 'sha256' | 'sha512'; characters: number; order: readonly number[] }

/** SHA-crypt, as Ulrich Drepper wrote it down. Linux has it in `/etc/shadow`. */
function shaCrypt(prefix: string, { algorithm, characters, order }: Kind): LegacyFormat {
  const rest = new RegExp(
    `^(?:rounds=(\\d{1,9})\\$)?([\\x21-\\x23\\x25-\\x7e]{0,16})\\$([./A-Za-z0-9]{${characters}})$`,
  )
  return {
    name: `${algorithm}-crypt`,
    read(stored) {
      if (!stored.startsWith(prefix)) return null
      const [, digits, saltText, digestText] = rest.exec(stored.slice(prefix.length)) ?? []
      const rounds = digits === undefined ? DEFAULT_ROUNDS : Number(digits)
      if (saltText === undefined || digestText === undefined || rounds < LEAST_ROUNDS) return broken('a SHA-crypt hash')
      if (rounds > MOST.shaCryptRounds) {
        return tooDear('a SHA-crypt hash', `${rounds} rounds`, String(MOST.shaCryptRounds))
      }
      const salt = Buffer.from(saltText)
      return digestHash({
        digest: async (password) => {
          const { bytes, isWhole } = cutPassword(password)
          const digest = await digestPassword(bytes, { algorithm, salt, rounds })
          return Buffer.from(isWhole ? writeCrypt64(order.map((place) => digest[place] ?? 0)) : '')
        },
        expected: Buffer.from(digestText),
        stored,
        digestText,
        zero: '.',
        isQuick: rounds < QUICK_ROUNDS,
      })
    },
  }
}

async function digestPassword(
  password: Buffer,
  { algorithm, salt, rounds }: { algorithm: Kind['algorithm']; salt: Buffer; rounds: number },
): Promise<Buffer> {
  const digestOf = (...parts: readonly Buffer[]) => hash(algorithm, Buffer.concat(parts), 'buffer')
  const inner = digestOf(password, salt, password)
  const start = createHash(algorithm).update(password).update(salt).update(stretch(inner, password.length))
  for (let bits = password.length; bits > 0; bits >>= 1) start.update(bits % 2 === 1 ? inner : password)
  const first = start.digest()

  const passwords = createHash(algorithm)
  for (let times = 0; times < password.length; times++) passwords.update(password)
  const p = stretch(passwords.digest(), password.length)
  const salts = stretch(salt, salt.length * (16 + (first[0] ?? 0)))
  const s = digestOf(salts).subarray(0, salt.length)

  let digest = first
  await runRounds(rounds, (round) => {
    const isOdd = round % 2 === 1
    const parts = [isOdd ? p : digest]
    if (round % 3 !== 0) parts.push(s)
    if (round % 7 !== 0) parts.push(p)
    parts.push(isOdd ? digest : p)
    digest = digestOf(...parts)
  })
  return digest
}

/** Bytes repeated to a length. */
function stretch(bytes: Buffer, length: number): Buffer {
  return Buffer.alloc(length, bytes)
}
