import { verify } from '@node-rs/argon2'
import { type Argon2Parameters, readArgon2Hash } from './argon2-hash.ts'
import { readLegacyHash } from './legacy/read-legacy-hash.ts'

/** A stored hash that can be checked here, whoever made it. */
export type StoredHash = {
  /** What it was made with, where it is nothing but argon2. */
  readonly argon2: Argon2Parameters | null
  /** Whether this is exactly the password. Rejects where what is written like a hash turns out to be none. */
  verify(password: string): Promise<boolean>
  /** How else the back end that made it would have spelled a password; `null` where it is written as our own are. */
  readonly spell: ((password: string) => readonly string[]) | null
}

/** Reads a stored hash, at next to no cost; `null` for one that cannot be checked here. */
export function readStoredHash(passwordHash: string): StoredHash | null {
  const argon2 = readArgon2Hash(passwordHash)
  if (argon2 !== null && passwordHash.startsWith('$argon2id$')) {
    return { argon2, verify: (password) => verify(passwordHash, password), spell: null }
  }
  const legacy = readLegacyHash(passwordHash)
  return legacy === null || 'problem' in legacy ? null : { argon2, ...legacy.hash }
}
