import { createCipheriv } from 'node:crypto'
import type { HashHints } from '../../core/legacy-port.ts'
import { broken, MOST } from './bounds.ts'
import { digestHash } from './digest-hash.ts'
import type { HashProblem, LegacyFormat } from './legacy-hash.ts'
import { judgeScrypt, runScrypt } from './scrypt.ts'
import { readBase64, writeBase64 } from './text-forms.ts'

const SHAPE = /^\$firebase-scrypt\$ln=(\d{1,2}),r=(\d{1,9})\$([A-Za-z0-9+/]*)\$([A-Za-z0-9+/]+)$/
/** The key that scrypt makes for AES-256; the second half of what it gives goes unused. */
const KEY_BYTES = 32

/**
 * Our spelling of Firebase's own scrypt: `$firebase-scrypt$ln=14,r=8$salt$stream`.
 *
 * Firebase encrypts the project's signer key with AES-256 in counter mode, under a key that scrypt makes of the password and
 * the salt followed by the separator. The stream that it was encrypted with says all that the hash does: so it is kept in
 * the hash's stead, and the signer key, a secret of the whole project, is needed while importing only.
 */
export const FIREBASE_SCRYPT: LegacyFormat = {
  name: 'firebase-scrypt',
  read(stored) {
    if (!stored.startsWith('$firebase-scrypt$')) return null
    const [, ln, r, saltText, digestText] = SHAPE.exec(stored) ?? []
    const salt = readBase64(saltText ?? '')
    const expected = readBase64(digestText ?? '')
    if (digestText === undefined || salt === null || expected === null) return broken('a Firebase hash')
    if (expected.length < KEY_BYTES || expected.length > MOST.digestBytes || salt.length > MOST.saltBytes) {
      return broken('a Firebase hash')
    }
    const cost = { n: 2 ** Number(ln), r: Number(r), p: 1 }
    const problem = judgeScrypt(cost)
    if (problem !== null) return problem
    return digestHash({
      digest: async (password) => {
        const key = await runScrypt(password, salt, { cost, length: 2 * KEY_BYTES })
        const cipher = createCipheriv('aes-256-ctr', key.subarray(0, KEY_BYTES), Buffer.alloc(16))
        return cipher.update(Buffer.alloc(expected.length))
      },
      expected,
      stored,
      digestText,
      zero: 'A',
      isQuick: false,
    })
  },
}

/** Writes a hash out of `firebase auth:export` in our spelling, with the parameters that the project's console shows. */
export function spellFirebase(
  passwordHash: string,
  { firebase, salt }: { firebase: NonNullable<HashHints['firebase']>; salt: string | undefined },
): { readonly text: string } | HashProblem {
  const key = readBase64(standard(firebase.signerKey))
  const separator = readBase64(standard(firebase.saltSeparator))
  const hash = readBase64(standard(passwordHash))
  const own = readBase64(standard(salt ?? ''))
  if (key === null || separator === null || key.length === 0) {
    return { problem: "a Firebase hash, for which the project's signer key or salt separator is not base64" }
  }
  if (salt === undefined || own === null || own.length === 0) return { problem: 'a Firebase hash without its salt' }
  if (hash?.length !== key.length) {
    return {
      problem: "a Firebase hash that is not as long as the project's signer key: it is another project's, or cut",
    }
  }
  const stream = hash.map((byte, place) => byte ^ (key[place] ?? 0))
  const salts = writeBase64(Buffer.concat([own, separator]))
  return {
    text: `$firebase-scrypt$ln=${firebase.memCost},r=${firebase.rounds}$${salts}$${writeBase64(stream)}`,
  }
}

/** Whether a text may be what Firebase exports: nothing but base64. */
export function isFirebaseText(text: string): boolean {
  return /^[A-Za-z0-9+/_-]+={0,2}$/.test(text)
}

/** Firebase's tools write base64 with the alphabet for URLs now and then. */
function standard(base64: string): string {
  return base64.replaceAll('-', '+').replaceAll('_', '/')
}
