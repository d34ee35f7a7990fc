import { broken, unknownAlgorithm } from './bounds.ts'
import { type Fields, readFields, readJsonFields, readNumber } from './fields.ts'
import type { HashProblem } from './legacy-hash.ts'
import { readBase64, writeBase64 } from './text-forms.ts'

const PREFIXES = new Map([
  ['pbkdf2', '$pbkdf2$'],
  ['pbkdf2-sha256', '$pbkdf2-sha256$'],
  ['pbkdf2-sha512', '$pbkdf2-sha512$'],
])
const VERSIONS = new Map([
  ['1.3', 19],
  ['1.0', 16],
])

/**
 * Writes a credential of a Keycloak export as the string that others write for the same hash: `credentialData` and
 * `secretData`, each an object or JSON in a text, or the flat fields of exports before Keycloak 8.
 *
 * @returns `null` where it is no such credential.
 */
export function spellKeycloak(credential: Fields): { readonly text: string } | HashProblem | null {
  const data = readJsonFields(credential('credentialData'))
  const secret = readJsonFields(credential('secretData'))
  if (data !== null && secret !== null) {
    return spell({ data, salt: secret('salt'), digest: secret('value') })
  }
  const digest = credential('hashedSaltedValue')
  return digest === undefined ? null : spell({ data: credential, salt: credential('salt'), digest })
}

function spell({
  data,
  salt,
  digest,
}: {
  data: Fields
  salt: unknown
  digest: unknown
}): { text: string } | HashProblem {
  const saltBytes = typeof salt === 'string' ? readBase64(salt) : null
  const digestBytes = typeof digest === 'string' ? readBase64(digest) : null
  const iterations = readNumber(data('hashIterations'))
  const algorithm = data('algorithm')
  if (saltBytes === null || digestBytes === null || iterations === null || typeof algorithm !== 'string') {
    return broken("a credential of Keycloak's")
  }
  const ends = `$${writeBase64(saltBytes)}$${writeBase64(digestBytes)}`
  const prefix = PREFIXES.get(algorithm)
  if (prefix !== undefined) return { text: `${prefix}${iterations}${ends}` }
  if (algorithm !== 'argon2') {
    return unknownAlgorithm("a credential of Keycloak's", algorithm)
  }
  const cost = readArgon2Cost(data)
  if (cost === null) return broken("a credential of Keycloak's")
  return { text: `$argon2${cost.kind}$v=${cost.version}$m=${cost.memory},t=${iterations},p=${cost.lanes}${ends}` }
}

/** Keycloak keeps each parameter as a list of one text. */
function readArgon2Cost(data: Fields): { kind: string; version: number; memory: number; lanes: number } | null {
  const parameters = readFields(data('additionalParameters'))
  const one = (name: string): unknown => {
    const value = parameters?.(name)
    return Array.isArray(value) ? value[0] : value
  }
  const kind = one('type') ?? 'id'
  const version = VERSIONS.get(String(one('version') ?? '1.3'))
  const [memory, lanes] = [readNumber(one('memory')), readNumber(one('parallelism'))]
  if (version === undefined || memory === null || lanes === null) return null
  return kind === 'id' || kind === 'i' || kind === 'd' ? { kind, version, memory, lanes } : null
}
