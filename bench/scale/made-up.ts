import { hash } from 'node:crypto'
import { type Identifier, normaliseIdentifier } from '../../server/src/core/identifier.ts'

/** The password of every account. */
export const PASSWORD = 'Correct-horse-7-battery'
/** A browser's, of the usual length. */
export const USER_AGENT =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36'

/** SHA-256 in hexadecimal: from it comes all that looks random in a row, so that a row is known by its number alone. */
export function digest(text: string): string {
  return hash('sha256', text, 'hex')
}

/** A UUID (version 4 by its looks) out of 32 and more hexadecimal digits. */
export function toUuid(hex: string): string {
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)]
  return parts.join('-')
}

/** The address of account number `n`. Its first letters are random, as those of people are. */
export function emailOf(n: number): Identifier {
  return normaliseIdentifier(`${digest(`email ${n}`).slice(0, 7)}.${n}@example.com`)
}

/** What account number `n` is called in tokens. */
export function subjectOf(n: number): string {
  return toUuid(digest(`subject ${n}`))
}

/** The opaque key of the first session of account number `n`. */
export function keyOf(n: number): string {
  return digest(`key ${n}`).slice(0, 40)
}

/** The id of a session of account number `n`. */
export function sessionIdOf(n: number, kind: 'key' | 'pair'): string {
  return toUuid(digest(`${kind} session ${n}`))
}
