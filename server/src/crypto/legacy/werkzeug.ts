import { createHmac, hash } from 'node:crypto'
import { broken, MOST } from './bounds.ts'
import { digestHash } from './digest-hash.ts'
import type { LegacyFormat } from './legacy-hash.ts'
import { pbkdf2Hash, readPbkdf2Digest } from './pbkdf2.ts'
import { scryptHash } from './scrypt.ts'
import { readHex } from './text-forms.ts'

/** Flask's `pbkdf2:sha256:600000$salt$digest`. */
export const WERKZEUG_PBKDF2: LegacyFormat = {
  name: 'werkzeug-pbkdf2',
  read(stored) {
    if (!stored.startsWith('pbkdf2:')) return null
    const [, name, iterations, salt, digestText] =
      /^pbkdf2:([a-z0-9]{1,10}):(\d{1,9})\$([^$]*)\$([0-9a-f]+)$/i.exec(stored) ?? []
    if (name === undefined || salt === undefined || digestText === undefined)
      return broken("a hash of Werkzeug's PBKDF2")
    const algorithm = readPbkdf2Digest(name)
    if (algorithm === null) return { problem: `a hash of Werkzeug's PBKDF2 with ${name}, which is not checked here` }
    return pbkdf2Hash({
      algorithm,
      iterations: Number(iterations),
      salt: Buffer.from(salt),
      expected: readHex(digestText),
      stored,
      digestText,
      zero: '0',
    })
  },
}

/** Flask's `scrypt:32768:8:1$salt$digest`. */
export const WERKZEUG_SCRYPT: LegacyFormat = {
  name: 'werkzeug-scrypt',
  read(stored) {
    if (!stored.startsWith('scrypt:')) return null
    const [, n, r, p, salt, digestText] =
      /^scrypt:(\d{1,9}):(\d{1,9}):(\d{1,9})\$([^$]*)\$([0-9a-f]+)$/i.exec(stored) ?? []
    if (salt === undefined || digestText === undefined) return broken("a hash of Werkzeug's scrypt")
    return scryptHash({
      cost: { n: Number(n), r: Number(r), p: Number(p) },
      salt: Buffer.from(salt),
      expected: readHex(digestText),
      stored,
      digestText,
      zero: '0',
    })
  },
}

/**
 * What Werkzeug wrote when it was told `sha256` or `sha512`: `sha256$salt$digest`, HMAC with the salt as its key. Its `sha1$…`
 * and `md5$…` look like Django's, whose they are taken for.
 */
export const WERKZEUG_HMAC: LegacyFormat = {
  name: 'werkzeug-hmac',
  read(stored) {
    const [, algorithm, salt, digestText] = /^(sha256|sha512)\$([^$]*)\$([0-9a-f]+)$/i.exec(stored) ?? []
    if (algorithm === undefined || salt === undefined || digestText === undefined) return null
    const expected = readHex(digestText)
    const isWhole = expected?.length === (algorithm === 'sha256' ? 32 : 64) && salt.length <= MOST.saltBytes
    if (expected === null || !isWhole) return broken("a hash of Werkzeug's HMAC")
    return digestHash({
      digest: async (password) =>
        salt === '' ? hash(algorithm, password, 'buffer') : createHmac(algorithm, salt).update(password).digest(),
      expected,
      stored,
      digestText,
      zero: '0',
      isQuick: true,
    })
  },
}
