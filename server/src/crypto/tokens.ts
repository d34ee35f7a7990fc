import { hash, randomBytes, randomUUID } from 'node:crypto'
import type { Tokens } from '../core/ports.ts'

/** Everything random that leaves the server, from the system's generator. */
export function createTokens(): Tokens {
  return {
    // 20 bytes: 160 bits.
    makeKey: () => randomBytes(20).toString('hex'),
    // 32 bytes: 256 bits.
    makeSecret: () => randomBytes(32).toString('base64url'),
    // 16 bytes: 128 bits.
    makeTokenId: () => randomBytes(16).toString('hex'),
    makeId: () => randomUUID(),
    digest: (token) => hash('sha256', token, 'hex'),
  }
}
