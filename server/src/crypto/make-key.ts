import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK } from 'jose'
import type { KeyMaker, StoredKey } from '../core/ports.ts'
import type { SigningAlgorithm } from '../core/signing-key.ts'
import type { Sealing } from './sealing.ts'

/** What a private half is sealed as. */
const CONTEXT = 'signing-key'

/** 112 bits of security (NIST SP 800-57, table 2), and what every verifier takes. */
const RSA_BITS = 2048

/** Makes signing keys, their private halves sealed. A key's `kid` is its thumbprint (RFC 7638). */
export function createKeyMaker({ sealing, algorithm }: { sealing: Sealing; algorithm: SigningAlgorithm }): KeyMaker {
  return {
    algorithm,
    async make(times) {
      const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true, modulusLength: RSA_BITS })
      const publicJwk = await exportJWK(publicKey)
      return {
        kid: await calculateJwkThumbprint(publicJwk),
        algorithm,
        publicJwk: JSON.stringify(publicJwk),
        sealedPrivateJwk: sealing.seal(JSON.stringify(await exportJWK(privateKey)), CONTEXT),
        ...times,
      }
    },
  }
}

/**
 * The half of a key that signs.
 *
 * @throws {Error} one sentence for the operator when it cannot be opened with the secret.
 */
export async function openPrivateKey(
  { sealedPrivateJwk, algorithm }: Pick<StoredKey, 'sealedPrivateJwk' | 'algorithm'>,
  sealing: Sealing,
): Promise<CryptoKey> {
  return importKey(sealing.open(sealedPrivateJwk, CONTEXT), algorithm)
}

/** Whether the private halves of keys can be opened with the secret of this sealing. */
export function canOpenKeys(keys: readonly StoredKey[], sealing: Sealing): boolean {
  try {
    for (const { sealedPrivateJwk } of keys) sealing.open(sealedPrivateJwk, CONTEXT)
    return true
  } catch {
    return false
  }
}

/**
 * Makes a key of a JWK in JSON.
 *
 * @throws {Error} when it is none for this algorithm.
 */
export async function importKey(jwk: string, algorithm: string): Promise<CryptoKey> {
  const key = await importJWK(JSON.parse(jwk), algorithm)
  if (key instanceof Uint8Array) throw new Error('A signing key in the database is not an asymmetric key.')
  return key
}
