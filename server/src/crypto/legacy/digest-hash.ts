import { timingSafeEqual } from 'node:crypto'
import type { LegacyHash } from './legacy-hash.ts'

/** What a format has read of a hash that is a digest of the password, made by whatever steps. */
export type Digested = {
  digest(password: string): Promise<Uint8Array>
  readonly expected: Uint8Array
  /** The stored text, of which the digest's own text is the end. */
  readonly stored: string
  readonly digestText: string
  /** The character that writes zero where the digest is: `0` in hexadecimal, `A` in base64. */
  readonly zero: string
  /** Whether it is quick to try. */
  readonly isQuick: boolean
  readonly spell?: LegacyHash['spell']
}

/** Makes a hash of what a format has read. */
export function digestHash({ digest, expected, stored, digestText, zero, isQuick, spell }: Digested): LegacyHash {
  const blank = stored.slice(0, stored.length - digestText.length) + digestText.replace(/[^=]/g, zero)
  return {
    verify: async (password) => isSame(await digest(password), expected),
    quick: isQuick ? { digest, expected, blank } : null,
    spell: spell ?? asTypedOnly,
  }
}

/** Whether two digests are the same, in a time that does not tell how much of them is. */
export function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other)
}

/** The other spellings of a back end that took passwords as they were typed. */
export function asTypedOnly(): readonly string[] {
  return []
}
