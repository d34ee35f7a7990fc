import type { PlainDigest } from '../../core/legacy-port.ts'
import { broken, unknownAlgorithm } from './bounds.ts'
import { type Fields, readFields, readNumber } from './fields.ts'
import { spellLdap } from './ldap.ts'
import type { HashProblem } from './legacy-hash.ts'
import { readSalt, spellDigest } from './plain.ts'
import { writeBase64 } from './text-forms.ts'

/** Algorithms whose `hash.value` is a string that says all of itself. */
const SELF_DESCRIBING = ['argon2', 'bcrypt', 'pbkdf2']
const DIGESTS = ['md5', 'sha1', 'sha256', 'sha512'] as const
/** What Auth0 takes for scrypt where nothing is said: Node's own defaults. */
const SCRYPT_DEFAULTS = { cost: 16_384, blockSize: 8, parallelization: 1 }

type Spelled = { readonly text: string } | HashProblem

/**
 * Writes the `custom_password_hash` of an Auth0 import file as the string that others write for the same hash.
 *
 * @returns `null` where it is no such object.
 */
export function spellAuth0(credential: Fields): Spelled | null {
  const algorithm = credential('algorithm')
  const hash = readFields(credential('hash'))
  if (typeof algorithm !== 'string' || hash === null) return null
  const value = hash('value')
  const encoding = readFields(credential('password'))?.('encoding') ?? 'utf8'
  if (typeof value !== 'string') return broken('a custom_password_hash')
  if (encoding !== 'utf8') return { problem: 'a custom_password_hash of passwords that were not hashed as UTF-8' }
  if (SELF_DESCRIBING.includes(algorithm)) return { text: value }
  if (algorithm === 'ldap') return spellLdap(value) ?? broken('a custom_password_hash')
  const parts = { credential, hash, digest: readBytes(hash, 'hex') }
  if (algorithm === 'scrypt') return spellScrypt(parts)
  if (algorithm === 'hmac') return spellHmac(parts)
  const known = DIGESTS.find((name) => name === algorithm)
  if (known !== undefined) return spellSalted(known, parts)
  return unknownAlgorithm('a custom_password_hash', algorithm)
}

type Parts = { readonly credential: Fields; readonly hash: Fields; readonly digest: Buffer | null }

function spellSalted(algorithm: PlainDigest['algorithm'], { credential, digest }: Parts): Spelled {
  const salted = readFields(credential('salt'))
  const salt = salted === null ? Buffer.alloc(0) : readBytes(salted, 'utf8')
  const position = salted?.('position') ?? 'prefix'
  if (digest === null || salt === null) return broken('a custom_password_hash')
  if (salt.length === 0) return spellDigest(digest, { algorithm, place: 'none', salt })
  if (position !== 'prefix' && position !== 'suffix') return broken('a custom_password_hash')
  return spellDigest(digest, { algorithm, place: position === 'prefix' ? 'before' : 'after', salt })
}

function spellHmac({ credential, hash, digest }: Parts): Spelled {
  const algorithm = DIGESTS.find((name) => name === hash('digest'))
  const keyed = readFields(hash('key'))
  const key = keyed === null ? null : readBytes(keyed, 'utf8')
  if (credential('salt') !== undefined)
    return { problem: 'a custom_password_hash that is HMAC with a salt besides its key' }
  if (algorithm === undefined || digest === null || key === null || key.length === 0)
    return broken('a custom_password_hash')
  return spellDigest(digest, { algorithm, place: 'key', salt: key })
}

function spellScrypt({ credential, digest }: Parts): Spelled {
  const salted = readFields(credential('salt'))
  const salt = salted === null ? null : readBytes(salted, 'utf8')
  const of = (name: keyof typeof SCRYPT_DEFAULTS) => readNumber(credential(name) ?? SCRYPT_DEFAULTS[name])
  const [n, r, p] = [of('cost'), of('blockSize'), of('parallelization')]
  const length = readNumber(credential('keylen') ?? digest?.length)
  if (digest === null || salt === null || n === null || n < 2 || length !== digest.length) {
    return broken('a custom_password_hash')
  }
  if (!Number.isInteger(Math.log2(n))) return broken('a custom_password_hash')
  return { text: `$scrypt$ln=${Math.log2(n)},r=${r},p=${p}$${writeBase64(salt)}$${writeBase64(digest)}` }
}

/** The bytes of a `{ value, encoding }`. */
function readBytes(fields: Fields, usual: 'hex' | 'utf8'): Buffer | null {
  const value = fields('value')
  const encoding = fields('encoding') ?? usual
  const isKnown = encoding === 'hex' || encoding === 'base64' || encoding === 'utf8'
  return typeof value === 'string' && isKnown ? readSalt(value, encoding) : null
}
