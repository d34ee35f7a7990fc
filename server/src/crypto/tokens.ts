import { createHmac, hash, hkdfSync, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto'
import type { Tokens } from '../core/ports.ts'

/**
 * Everything random that leaves the server, from the system's generator; and pseudonyms, under a key derived from the
 * operator's secret (HKDF-SHA-256, RFC 5869).
 */
export function createTokens({ secret }: { secret: string }): Tokens {
  const pseudonymKey = Buffer.from(hkdfSync('sha256', secret, '', 'latchkey pseudonyms v1', 32))
  return {
    // 20 bytes: 160 bits.
    makeKey: () => randomBytes(20).toString('hex'),
    // 32 bytes: 256 bits.
    makeSecret: () => randomBytes(32).toString('base64url'),
    // 16 bytes: 128 bits.
    makeTokenId: () => randomBytes(16).toString('hex'),
    makeId: () => randomUUID(),
    digest: (token) => hash('sha256', token, 'hex'),
    matches(token, digest) {
      const stored = Buffer.from(digest, 'hex')
      const made = hash('sha256', token, 'buffer')
      return stored.length === made.length && timingSafeEqual(stored, made)
    },
    pseudonym: (text) => createHmac('sha256', pseudonymKey).update(text).digest('hex'),
  }
}
