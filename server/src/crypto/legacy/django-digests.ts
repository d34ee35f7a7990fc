import { hash } from 'node:crypto'
import { broken, MOST } from './bounds.ts'
import { digestHash } from './digest-hash.ts'
import type { HashProblem, LegacyFormat, LegacyHash } from './legacy-hash.ts'
import { readHex } from './text-forms.ts'

/** `md5$salt$digest`: MD5 of the salt and the password. */
export const DJANGO_MD5: LegacyFormat = { name: 'django-md5', read: readSalted('md5') }
/** `sha1$salt$digest`: SHA-1 of the salt and the password. Without a salt, `sha1$$digest`, it is Django's too. */
export const DJANGO_SHA1: LegacyFormat = { name: 'django-sha1', read: readSalted('sha1') }
/** 32 hexadecimal digits and nothing else: MD5 of the password. */
export const DJANGO_UNSALTED_MD5: LegacyFormat = {
  name: 'django-unsalted-md5',
  read: (stored) =>
    /^[0-9a-f]{32}$/i.test(stored) ? readDigest('md5', { stored, salt: '', digestText: stored }) : null,
}

function readSalted(algorithm: 'md5' | 'sha1'): LegacyFormat['read'] {
  const shape = new RegExp(
    `^${algorithm}\\$([^$]{0,${MOST.saltBytes}})\\$([0-9a-f]{${algorithm === 'md5' ? 32 : 40}})$`,
    'i',
  )
  return (stored) => {
    if (!stored.startsWith(`${algorithm}$`)) return null
    const [, salt, digestText] = shape.exec(stored) ?? []
    if (salt === undefined || digestText === undefined) return broken(`a hash of Django's ${algorithm.toUpperCase()}`)
    return readDigest(algorithm, { stored, salt, digestText })
  }
}

function readDigest(
  algorithm: 'md5' | 'sha1',
  { stored, salt, digestText }: { stored: string; salt: string; digestText: string },
): LegacyHash | HashProblem {
  const expected = readHex(digestText)
  if (expected === null) return broken('a digest')
  const digest = async (password: string) => hash(algorithm, salt + password, 'buffer')
  return digestHash({ digest, expected, stored, digestText, zero: '0', isQuick: true })
}
