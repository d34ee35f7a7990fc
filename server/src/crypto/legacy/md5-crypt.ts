import { createHash, hash } from 'node:crypto'
import { broken } from './bounds.ts'
import { digestHash } from './digest-hash.ts'
import type { LegacyFormat } from './legacy-hash.ts'
import { cutPassword, runRounds } from './rounds.ts'
import { writeCrypt64 } from './text-forms.ts'

const ROUNDS = 1000
/** The order in which the digest's bytes are written. */
const ORDER = [12, 6, 0, 13, 7, 1, 14, 8, 2, 15, 9, 3, 5, 10, 4, 11]
const SHAPE = /^(\$1\$|\$apr1\$)([\x21-\x23\x25-\x7e]{0,8})\$([./A-Za-z0-9]{22})$/

/** `$1$salt$digest` of `crypt`, and Apache's `$apr1$salt$digest`. */
export const MD5_CRYPT: LegacyFormat = {
  name: 'md5-crypt',
  read(stored) {
    if (!stored.startsWith('$1$') && !stored.startsWith('$apr1$')) return null
    const [, magic, saltText, digestText] = SHAPE.exec(stored) ?? []
    if (magic === undefined || saltText === undefined || digestText === undefined) return broken('an MD5-crypt hash')
    const salt = Buffer.from(saltText)
    return digestHash({
      digest: async (password) => {
        const { bytes, isWhole } = cutPassword(password)
        const digest = await digestPassword(bytes, { magic, salt })
        return Buffer.from(isWhole ? writeCrypt64(ORDER.map((place) => digest[place] ?? 0)) : '')
      },
      expected: Buffer.from(digestText),
      stored,
      digestText,
      zero: '.',
      isQuick: true,
    })
  },
}

async function digestPassword(password: Buffer, { magic, salt }: { magic: string; salt: Buffer }): Promise<Buffer> {
  const digestOf = (...parts: readonly Buffer[]) => hash('md5', Buffer.concat(parts), 'buffer')
  const inner = Buffer.alloc(password.length, digestOf(password, salt, password))
  const start = createHash('md5').update(password).update(magic).update(salt).update(inner)
  const zero = Buffer.alloc(1)
  for (let bits = password.length; bits > 0; bits >>= 1) start.update(bits % 2 === 1 ? zero : password.subarray(0, 1))

  let digest = start.digest()
  await runRounds(ROUNDS, (round) => {
    const isOdd = round % 2 === 1
    const parts = [isOdd ? password : digest]
    if (round % 3 !== 0) parts.push(salt)
    if (round % 7 !== 0) parts.push(password)
    parts.push(isOdd ? digest : password)
    digest = digestOf(...parts)
  })
  return digest
}
