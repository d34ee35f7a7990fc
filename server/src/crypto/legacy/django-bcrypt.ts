import { hash } from 'node:crypto'
import { bcryptHash } from './bcrypt.ts'
import type { LegacyFormat } from './legacy-hash.ts'

/** `bcrypt$$2b$12$…`: the password as it is. */
export const DJANGO_BCRYPT: LegacyFormat = {
  name: 'django-bcrypt',
  read: (stored) => (stored.startsWith('bcrypt$') ? bcryptHash(stored.slice('bcrypt$'.length)) : null),
}

/** `bcrypt_sha256$$2b$12$…`: the hexadecimal digits of the password's SHA-256, so that all of it counts. */
export const DJANGO_BCRYPT_SHA256: LegacyFormat = {
  name: 'django-bcrypt-sha256',
  read(stored) {
    if (!stored.startsWith('bcrypt_sha256$')) return null
    return bcryptHash(stored.slice('bcrypt_sha256$'.length), (password) => hash('sha256', password, 'hex'))
  },
}
