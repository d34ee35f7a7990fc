import type { HashHints, PlainDigest } from './legacy-port.ts'

const ALGORITHMS = ['md5', 'sha1', 'sha256', 'sha512'] as const
const PLACES = ['none', 'before', 'after', 'key'] as const
const ENCODINGS = ['utf8', 'hex', 'base64'] as const

/**
 * Reads what an operator says of hashes that do not say it of themselves:
 * `{ "firebase": { "signer_key", "salt_separator", "rounds", "mem_cost" } }`, or
 * `{ "plain": { "algorithm", "salt", "salt_encoding" } }`, or both.
 *
 * @returns `problem` where it is not written so: a sentence for whoever wrote it, which shows no value.
 */
export function readHashHints(value: unknown): HashHints | { readonly problem: string } {
  const fields = readFields(value)
  if (fields === null) return { problem: 'it must be an object with "firebase" or "plain"' }
  const odd = [...fields.keys()].find((name) => name !== 'firebase' && name !== 'plain')
  if (odd !== undefined) return { problem: `"${odd.slice(0, 40)}" is not known: there are "firebase" and "plain"` }
  const firebase = fields.has('firebase') ? readFirebase(readFields(fields.get('firebase'))) : undefined
  const plain = fields.has('plain') ? readPlain(readFields(fields.get('plain'))) : undefined
  if (firebase === null) {
    return {
      problem:
        '"firebase" must have what the Firebase console shows under Authentication, Users, Password hash parameters: "signer_key" and "salt_separator" in base64, and "rounds" and "mem_cost" as numbers',
    }
  }
  if (plain === null) {
    return {
      problem: `"plain" must have "algorithm" (one of ${ALGORITHMS.join(', ')}), "salt" (one of ${PLACES.join(', ')}: where it goes, or key of HMAC), and may have "salt_encoding" (one of ${ENCODINGS.join(', ')})`,
    }
  }
  return { ...(firebase === undefined ? {} : { firebase }), ...(plain === undefined ? {} : { plain }) }
}

function readFirebase(fields: ReadonlyMap<string, unknown> | null): NonNullable<HashHints['firebase']> | null {
  const signerKey = fields?.get('signer_key')
  const saltSeparator = fields?.get('salt_separator') ?? ''
  const rounds = fields?.get('rounds')
  const memCost = fields?.get('mem_cost')
  if (typeof signerKey !== 'string' || signerKey === '' || typeof saltSeparator !== 'string') return null
  return isCount(rounds) && isCount(memCost) ? { signerKey, saltSeparator, rounds, memCost } : null
}

function readPlain(fields: ReadonlyMap<string, unknown> | null): PlainDigest | null {
  const algorithm = ALGORITHMS.find((one) => one === fields?.get('algorithm'))
  const salt = PLACES.find((one) => one === fields?.get('salt'))
  const saltEncoding = ENCODINGS.find((one) => one === (fields?.get('salt_encoding') ?? 'utf8'))
  if (algorithm === undefined || salt === undefined || saltEncoding === undefined) return null
  return { algorithm, salt, saltEncoding }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 99
}

function readFields(value: unknown): ReadonlyMap<string, unknown> | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  return new Map(Object.entries(value))
}
