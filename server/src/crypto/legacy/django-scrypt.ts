import { broken } from './bounds.ts'
import type { LegacyFormat } from './legacy-hash.ts'
import { scryptHash } from './scrypt.ts'
import { readBase64 } from './text-forms.ts'

/** `scrypt$N$salt$r$p$digest`, with the salt as text between the numbers. */
export const DJANGO_SCRYPT: LegacyFormat = {
  name: 'django-scrypt',
  read(stored) {
    if (!stored.startsWith('scrypt$')) return null
    const shape = /^scrypt\$(\d{1,9})\$([^$]+)\$(\d{1,9})\$(\d{1,9})\$([A-Za-z0-9+/]+={0,2})$/
    const [, n, salt, r, p, digestText] = shape.exec(stored) ?? []
    if (salt === undefined || digestText === undefined) return broken("a hash of Django's scrypt")
    return scryptHash({
      cost: { n: Number(n), r: Number(r), p: Number(p) },
      salt: Buffer.from(salt),
      expected: readBase64(digestText),
      stored,
      digestText,
      zero: 'A',
    })
  },
}
