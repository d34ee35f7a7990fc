import { broken } from './bounds.ts'
import type { LegacyFormat } from './legacy-hash.ts'
import { type Pbkdf2Digest, pbkdf2Hash } from './pbkdf2.ts'
import { readBase64 } from './text-forms.ts'

const B64 = '[A-Za-z0-9+/.]'

/** `$pbkdf2$rounds$salt$digest`: SHA-1. */
export const PASSLIB_PBKDF2_SHA1: LegacyFormat = passlibPbkdf2(['$pbkdf2$', '$pbkdf2-sha1$'], 'sha1')
/** `$pbkdf2-sha256$rounds$salt$digest`, or with `i=rounds,l=length` as the PHC's spelling has it. */
export const PASSLIB_PBKDF2_SHA256: LegacyFormat = passlibPbkdf2(['$pbkdf2-sha256$'], 'sha256')
/** `$pbkdf2-sha512$…`. */
export const PASSLIB_PBKDF2_SHA512: LegacyFormat = passlibPbkdf2(['$pbkdf2-sha512$'], 'sha512')

function passlibPbkdf2(prefixes: readonly string[], algorithm: Pbkdf2Digest): LegacyFormat {
  const rest = new RegExp(`^(?:i=)?(\\d{1,9})(?:,l=(\\d{1,3}))?\\$(${B64}*={0,2})\\$(${B64}+={0,2})$`)
  return {
    name: `pbkdf2-${algorithm}`,
    read(stored) {
      const prefix = prefixes.find((one) => stored.startsWith(one))
      if (prefix === undefined) return null
      const [, iterations, length, salt, digestText] = rest.exec(stored.slice(prefix.length)) ?? []
      if (salt === undefined || digestText === undefined) return broken('a PBKDF2 hash')
      const expected = readBase64(digestText)
      if (length !== undefined && Number(length) !== expected?.length) return broken('a PBKDF2 hash')
      return pbkdf2Hash({
        algorithm,
        iterations: Number(iterations),
        salt: readBase64(salt),
        expected,
        stored,
        digestText,
        zero: 'A',
      })
    },
  }
}
