import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

/** Keeps secrets that must rest in the database, readable only with the operator's secret. */
export type Sealing = {
  /** Seals a text; `context` says what it is, and a sealed text opens under no other. */
  seal(text: string, context: string): string
  /** @throws {Error} one sentence for the operator when the secret is not the one it was sealed under. */
  open(sealed: string, context: string): string
}

const VERSION = 'v1'

/** Seals with AES-256-GCM under a key derived from the operator's secret (HKDF-SHA-256, RFC 5869). */
export function createSealing(secret: string): Sealing {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'latchkey sealing v1', 32))
  return {
    seal(text, context) {
      const nonce = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context))
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return [VERSION, nonce, body, cipher.getAuthTag()].map(encode).join('.')
    },

    open(sealed, context) {
      const [version, nonce, body, tag] = sealed.split('.')
      if (version !== VERSION || nonce === undefined || body === undefined || tag === undefined) {
        throw new Error('A sealed secret in the database is damaged: restore the database from a backup.')
      }
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, decode(nonce), { authTagLength: 16 })
        decipher.setAAD(Buffer.from(context)).setAuthTag(decode(tag))
        return Buffer.concat([decipher.update(decode(body)), decipher.final()]).toString('utf8')
      } catch (cause) {
        throw new Error(
          'The secret in force is not the one this database was sealed under: set LATCHKEY_SECRET (or the secret file beside the database) back to the former value.',
          { cause },
        )
      }
    },
  }
}

function encode(part: string | Buffer): string {
  return typeof part === 'string' ? part : part.toString('base64url')
}

function decode(part: string): Buffer {
  return Buffer.from(part, 'base64url')
}
