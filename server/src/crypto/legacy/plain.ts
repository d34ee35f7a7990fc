import { createHmac, hash } from 'node:crypto'
import type { PlainDigest } from '../../core/legacy-port.ts'
import { broken, MOST } from './bounds.ts'
import { digestHash } from './digest-hash.ts'
import type { HashProblem, LegacyFormat } from './legacy-hash.ts'
import { readBase64, readHex, writeBase64 } from './text-forms.ts'

const DIGEST_BYTES = { md5: 16, sha1: 20, sha256: 32, sha512: 64 } as const
const SHAPE = /^plain:(md5|sha1|sha256|sha512):(none|before|after|key):([A-Za-z0-9+/]*={0,2}):([A-Za-z0-9+/]+={0,2})$/

type Algorithm = PlainDigest['algorithm']

/**
 * Our spelling of what is nothing but a digest: `plain:sha256:before:c2FsdA==:…`, which names the algorithm, where the salt goes
 * (`none`, `before` or `after` the password, or `key` of HMAC), the salt in base64, and the digest in hexadecimal or base64.
 */
export const PLAIN: LegacyFormat = {
  name: 'plain',
  read(stored) {
    if (!stored.startsWith('plain:')) return null
    const [, algorithm, place, saltText, digestText] = SHAPE.exec(stored) ?? []
    const salt = readBase64(saltText ?? '')
    if (!isAlgorithm(algorithm) || salt === null || digestText === undefined) return broken('a plain digest')
    const isHex = digestText.length === 2 * DIGEST_BYTES[algorithm]
    const expected = isHex ? readHex(digestText) : readBase64(digestText)
    const isWhole = expected?.length === DIGEST_BYTES[algorithm] && salt.length <= MOST.saltBytes
    if (expected === null || !isWhole || (place === 'none') !== (salt.length === 0)) return broken('a plain digest')
    return digestHash({
      digest: async (password) => digestPassword(password, { algorithm, place, salt }),
      expected,
      stored,
      digestText,
      zero: isHex ? '0' : 'A',
      isQuick: true,
    })
  },
}

/** Whether a text is as long as a digest of this algorithm is in hexadecimal or base64, and made of its characters. */
export function isDigestText(text: string, algorithm: Algorithm): boolean {
  return readDigestText(text, algorithm) !== null
}

/** Writes a digest and its salt in our spelling. */
export function spellPlain(
  digestText: string,
  { plain, salt }: { plain: PlainDigest; salt: string | undefined },
): { readonly text: string } | HashProblem {
  const digest = readDigestText(digestText, plain.algorithm)
  if (digest === null) return broken(`a digest of ${plain.algorithm.toUpperCase()}`)
  if (plain.salt === 'none') return spellDigest(digest, { ...plain, salt: Buffer.alloc(0), place: 'none' })
  const bytes = salt === undefined ? null : readSalt(salt, plain.saltEncoding)
  if (bytes === null || bytes.length === 0)
    return { problem: 'a digest whose salt is missing, or not written as was said' }
  return spellDigest(digest, { algorithm: plain.algorithm, salt: bytes, place: plain.salt })
}

/** Writes the bytes of a digest and a salt in our spelling. */
export function spellDigest(
  digest: Uint8Array,
  { algorithm, place, salt }: { algorithm: Algorithm; place: PlainDigest['salt']; salt: Uint8Array },
): { readonly text: string } {
  return { text: `plain:${algorithm}:${place}:${writeBase64(salt)}:${writeBase64(digest)}` }
}

/** The bytes of a salt as it was written. */
export function readSalt(text: string, encoding: PlainDigest['saltEncoding']): Buffer | null {
  if (encoding === 'utf8') return Buffer.from(text)
  return encoding === 'hex' ? readHex(text) : readBase64(text)
}

function readDigestText(text: string, algorithm: Algorithm): Buffer | null {
  const bytes = text.length === 2 * DIGEST_BYTES[algorithm] ? readHex(text) : readBase64(text)
  return bytes?.length === DIGEST_BYTES[algorithm] ? bytes : null
}

function digestPassword(
  password: string,
  { algorithm, place, salt }: { algorithm: Algorithm; place: string | undefined; salt: Buffer },
): Buffer {
  const bytes = Buffer.from(password)
  if (place === 'key') return createHmac(algorithm, salt).update(bytes).digest()
  return hash(algorithm, Buffer.concat(place === 'after' ? [bytes, salt] : [salt, bytes]), 'buffer')
}

function isAlgorithm(name: string | undefined): name is Algorithm {
  return name !== undefined && Object.hasOwn(DIGEST_BYTES, name)
}
