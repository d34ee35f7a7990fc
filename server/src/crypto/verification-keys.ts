import { type CryptoKey, importJWK } from 'jose'
import type { StoredKey } from '../core/ports.ts'

/** How long a look in the database answers for keys that are not known, from when it began, in milliseconds. */
const LOOK_EVERY = 1000

/** The public halves of the signing keys, by `kid`. */
export type VerificationKeys = {
  /** The key with this `kid`, or `null`. */
  find(kid: string): Promise<CryptoKey | null>
}

/** A look in the database: when it began, and what it finds. */
type Look = { readonly began: number; readonly found: Promise<ReadonlyMap<string, CryptoKey>> }

/**
 * Holds the keys that the database had, and looks again for one it does not know: another process may have added it. A
 * look begins once a second at most, however many unknown keys are named, and answers all who ask within that second: so
 * forged tokens cost no read each, and whoever asks a second after a key was added gets it, however slow the database is.
 * Keys never change, so none that is held is stale.
 *
 * @param options.load every key in the database, anew.
 * @param options.now milliseconds since 1970.
 */
export async function createVerificationKeys(
  stored: readonly StoredKey[],
  { load, now }: { load: () => Promise<readonly StoredKey[]>; now: () => number },
): Promise<VerificationKeys> {
  const keys = new Map(await importKeys(stored))
  let last: Look | null = null

  async function look(began: number): Promise<ReadonlyMap<string, CryptoKey>> {
    try {
      const found = await importKeys(await load())
      for (const [kid, key] of found) keys.set(kid, key)
      return found
    } catch (error) {
      // A look that failed told nothing: the next who asks looks again, rather than refuse what may be sound.
      if (last?.began === began) last = null
      throw error
    }
  }

  return {
    async find(kid) {
      const known = keys.get(kid)
      if (known !== undefined) return known
      const time = now()
      // A clock that was set back must not keep a new key out: only the distance counts.
      if (last === null || Math.abs(time - last.began) >= LOOK_EVERY) last = { began: time, found: look(time) }
      return (await last.found).get(kid) ?? null
    },
  }
}

/**
 * Makes a key of a JWK in JSON.
 *
 * @throws {Error} when it is none for ES256.
 */
export async function importKey(jwk: string): Promise<CryptoKey> {
  const key = await importJWK(JSON.parse(jwk), 'ES256')
  if (key instanceof Uint8Array) throw new Error('A signing key in the database is not an asymmetric key.')
  return key
}

async function importKeys(stored: readonly StoredKey[]): Promise<ReadonlyMap<string, CryptoKey>> {
  const keys = new Map<string, CryptoKey>()
  for (const { kid, publicJwk } of stored) keys.set(kid, await importKey(publicJwk))
  return keys
}
