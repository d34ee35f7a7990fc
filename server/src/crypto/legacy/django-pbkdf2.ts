import { broken } from './bounds.ts'
import type { LegacyFormat } from './legacy-hash.ts'
import { type Pbkdf2Digest, pbkdf2Hash } from './pbkdf2.ts'
import { readBase64 } from './text-forms.ts'

/** Django's default: `pbkdf2_sha256$600000$salt$digest`, the salt as text. */
export const DJANGO_PBKDF2_SHA256: LegacyFormat = djangoPbkdf2('sha256')
/** `pbkdf2_sha1$…`, which Django keeps for compatibility. */
export const DJANGO_PBKDF2_SHA1: LegacyFormat = djangoPbkdf2('sha1')

function djangoPbkdf2(algorithm: Pbkdf2Digest): LegacyFormat {
  const shape = new RegExp(`^pbkdf2_${algorithm}\\$(\\d{1,9})\\$([^$]+)\\$([A-Za-z0-9+/]+={0,2})$`)
  return {
    name: `django-pbkdf2-${algorithm}`,
    read(stored) {
      if (!stored.startsWith(`pbkdf2_${algorithm}$`)) return null
      const [, iterations, salt, digestText] = shape.exec(stored) ?? []
      if (salt === undefined || digestText === undefined) return broken("a hash of Django's PBKDF2")
      return pbkdf2Hash({
        algorithm,
        iterations: Number(iterations),
        salt: Buffer.from(salt),
        expected: readBase64(digestText),
        stored,
        digestText,
        zero: 'A',
      })
    },
  }
}
