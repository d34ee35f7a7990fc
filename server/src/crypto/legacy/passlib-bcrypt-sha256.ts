import { createHmac, hash } from 'node:crypto'
import { bcryptHash } from './bcrypt.ts'
import { broken } from './bounds.ts'
import type { LegacyFormat } from './legacy-hash.ts'

const FIRST = /^\$bcrypt-sha256\$(2[aby]),(\d{1,2})\$([./A-Za-z0-9]{22})\$([./A-Za-z0-9]{31})$/
const SECOND = /^\$bcrypt-sha256\$v=2,t=(2[aby]),r=(\d{1,2})\$([./A-Za-z0-9]{22})\$([./A-Za-z0-9]{31})$/

/**
 * passlib's `$bcrypt-sha256$…`: bcrypt of a digest in base64, which was SHA-256 in the first version, and is HMAC with the
 * salt's text as its key in the second.
 */
export const PASSLIB_BCRYPT_SHA256: LegacyFormat = {
  name: 'passlib-bcrypt-sha256',
  read(stored) {
    if (!stored.startsWith('$bcrypt-sha256$')) return null
    const first = FIRST.exec(stored)
    const [, kind, rounds, salt, digest] = first ?? SECOND.exec(stored) ?? []
    if (rounds === undefined || salt === undefined || digest === undefined)
      return broken("a hash of passlib's bcrypt-sha256")
    const prepare = first === null ? keyed(salt) : (password: string) => hash('sha256', password, 'base64')
    return bcryptHash(`$${kind}$${rounds.padStart(2, '0')}$${salt}${digest}`, prepare)
  },
}

function keyed(salt: string): (password: string) => string {
  return (password) => createHmac('sha256', salt).update(password).digest('base64')
}
