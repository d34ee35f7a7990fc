import { ARGON2D, ARGON2I, ARGON2ID, DJANGO_ARGON2 } from './argon2.ts'
import { BCRYPT } from './bcrypt.ts'
import { DJANGO_BCRYPT, DJANGO_BCRYPT_SHA256 } from './django-bcrypt.ts'
import { DJANGO_MD5, DJANGO_SHA1, DJANGO_UNSALTED_MD5 } from './django-digests.ts'
import { DJANGO_PBKDF2_SHA1, DJANGO_PBKDF2_SHA256 } from './django-pbkdf2.ts'
import { DJANGO_SCRYPT } from './django-scrypt.ts'
import { FIREBASE_SCRYPT } from './firebase-scrypt.ts'
import type { LegacyFormat } from './legacy-hash.ts'
import { MD5_CRYPT } from './md5-crypt.ts'
import { PASSLIB_BCRYPT_SHA256 } from './passlib-bcrypt-sha256.ts'
import { PASSLIB_PBKDF2_SHA1, PASSLIB_PBKDF2_SHA256, PASSLIB_PBKDF2_SHA512 } from './passlib-pbkdf2.ts'
import { PHPASS } from './phpass.ts'
import { PLAIN } from './plain.ts'
import { SCRYPT_PHC } from './scrypt-phc.ts'
import { SHA256_CRYPT, SHA512_CRYPT } from './sha-crypt.ts'
import { WERKZEUG_HMAC, WERKZEUG_PBKDF2, WERKZEUG_SCRYPT } from './werkzeug.ts'
import { wrappedFormat } from './wrapped.ts'

/** Formats whose hashes are kept as they came. */
const SLOW: readonly LegacyFormat[] = [
  BCRYPT,
  DJANGO_BCRYPT_SHA256,
  DJANGO_BCRYPT,
  FIREBASE_SCRYPT,
  PASSLIB_BCRYPT_SHA256,
]

/** Formats some or all of whose hashes are quick to try: those are wrapped. */
const QUICK: readonly LegacyFormat[] = [
  DJANGO_ARGON2,
  ARGON2ID,
  ARGON2I,
  ARGON2D,
  DJANGO_PBKDF2_SHA256,
  DJANGO_PBKDF2_SHA1,
  DJANGO_SCRYPT,
  DJANGO_MD5,
  DJANGO_SHA1,
  DJANGO_UNSALTED_MD5,
  PASSLIB_PBKDF2_SHA256,
  PASSLIB_PBKDF2_SHA512,
  PASSLIB_PBKDF2_SHA1,
  SCRYPT_PHC,
  SHA512_CRYPT,
  SHA256_CRYPT,
  MD5_CRYPT,
  PHPASS,
  WERKZEUG_PBKDF2,
  WERKZEUG_SCRYPT,
  WERKZEUG_HMAC,
  PLAIN,
]

/** Every way of writing hashes that is read here. No text is of two of them. */
export const FORMATS: readonly LegacyFormat[] = [...SLOW, ...QUICK, ...QUICK.map(wrappedFormat)]
