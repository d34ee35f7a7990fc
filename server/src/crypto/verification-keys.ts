import { type CryptoKey, importJWK } from 'jose'
import type { StoredKey } from '../core/ports.ts'

/** How long after a look in the database an unknown key is taken for a forger's, in milliseconds. */
const LOOK_EVERY = 1000

/** The public halves of the signing keys, by `kid`. */
export type VerificationKeys = {
  /** The key with this `kid`, or `null`. */
  find(kid: string): Promise<CryptoKey | null>
}

/**
 * Holds the keys that the database had, and looks again for one it does not know: another process may have added it. It
 * looks once a second at most, however many unknown keys are named, and once for all who ask meanwhile: so a new key is
 * known here within a second, and forged tokens cost no read each. Keys never change, so none that is held is stale.
 *
 * @param options.load every key in the database, anew.
 * @param options.now milliseconds since 1970.
 */
export async function createVerificationKeys(
  stored: readonly StoredKey[],
  { load, now }: { load: () => Promise<readonly StoredKey[]>; now: () => number },
): Promise<VerificationKeys> {
  let keys = await importKeys(stored)
  let lookedAt: number | null = null
  let looking: Promise<void> | null = null

  /** A look that failed told nothing: the next who asks looks again, rather than refuse what may be sound. */
  async function look(): Promise<void> {
    try {
      keys = await importKeys(await load())
      lookedAt = now()
    } finally {
      looking = null
    }
  }

  return {
    async find(kid) {
      const known = keys.get(kid)
      if (known !== undefined) return known
      // A clock that was set back must not keep a new key out: only the distance counts.
      if (looking === null && lookedAt !== null && Math.abs(now() - lookedAt) < LOOK_EVERY) return null
      looking ??= look()
      await looking
      return keys.get(kid) ?? null
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
