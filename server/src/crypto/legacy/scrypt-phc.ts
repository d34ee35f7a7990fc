import { broken } from './bounds.ts'
import type { LegacyFormat } from './legacy-hash.ts'
import { scryptHash } from './scrypt.ts'
import { readBase64 } from './text-forms.ts'

/** `$scrypt$ln=16,r=8,p=1$salt$digest`: the PHC string, which is passlib's too. */
export const SCRYPT_PHC: LegacyFormat = {
  name: 'scrypt',
  read(stored) {
    if (!stored.startsWith('$scrypt$')) return null
    const shape = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,9}),p=(\d{1,9})\$([A-Za-z0-9+/.]*={0,2})\$([A-Za-z0-9+/.]+={0,2})$/
    const [, ln, r, p, salt, digestText] = shape.exec(stored) ?? []
    if (salt === undefined || digestText === undefined) return broken('an scrypt hash')
    return scryptHash({
      cost: { n: 2 ** Number(ln), r: Number(r), p: Number(p) },
      salt: readBase64(salt),
      expected: readBase64(digestText),
      stored,
      digestText,
      zero: 'A',
    })
  },
}
