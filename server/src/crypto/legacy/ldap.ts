import { broken } from './bounds.ts'
import type { HashProblem } from './legacy-hash.ts'
import { spellDigest } from './plain.ts'
import { readBase64 } from './text-forms.ts'

/** The schemes of RFC 2307 and OpenLDAP that are digests: how long each is, and which hold a salt after it. */
const SCHEMES = new Map([
  ['MD5', { algorithm: 'md5', bytes: 16, isSalted: false }],
  ['SMD5', { algorithm: 'md5', bytes: 16, isSalted: true }],
  ['SHA', { algorithm: 'sha1', bytes: 20, isSalted: false }],
  ['SSHA', { algorithm: 'sha1', bytes: 20, isSalted: true }],
  ['SHA256', { algorithm: 'sha256', bytes: 32, isSalted: false }],
  ['SSHA256', { algorithm: 'sha256', bytes: 32, isSalted: true }],
  ['SHA512', { algorithm: 'sha512', bytes: 64, isSalted: false }],
  ['SSHA512', { algorithm: 'sha512', bytes: 64, isSalted: true }],
] as const)

/** Writes what a directory keeps, `{SSHA}…`, as a plain digest; `{CRYPT}` as what it holds. `null` where it is neither. */
export function spellLdap(stored: string): { readonly text: string } | HashProblem | null {
  const [, name, rest] = /^\{([A-Za-z0-9]{2,8})\}(.*)$/s.exec(stored) ?? []
  if (name === undefined || rest === undefined) return null
  if (name.toUpperCase() === 'CRYPT') return { text: rest }
  const scheme = [...SCHEMES].find(([known]) => known === name.toUpperCase())?.[1]
  if (scheme === undefined) return { problem: `a hash of the scheme {${name}}, which is not checked here` }
  const bytes = readBase64(rest)
  const salt = bytes?.subarray(scheme.bytes)
  if (bytes === null || salt === undefined || bytes.length < scheme.bytes)
    return broken(`a hash of the scheme {${name}}`)
  if (scheme.isSalted !== salt.length > 0) return broken(`a hash of the scheme {${name}}`)
  const place = scheme.isSalted ? 'after' : 'none'
  return spellDigest(bytes.subarray(0, scheme.bytes), { algorithm: scheme.algorithm, place, salt })
}
