/** What Django's own hashers call themselves at the beginning of what they write. */
const DJANGO = /^(?:pbkdf2_sha256|pbkdf2_sha1|argon2|bcrypt_sha256|bcrypt|scrypt|md5|sha1|unsalted_md5|unsalted_sha1)\$/

/**
 * Writes a stored hash as Django's hashers write it, so that its `check_password` takes it.
 *
 * @returns `null` where no hasher of Django's can check it.
 */
export function toDjangoHash(stored: string): string | null {
  if (DJANGO.test(stored)) return stored
  if (/^\$argon2(?:id|i|d)\$/.test(stored)) return `argon2${stored}`
  if (/^\$2[aby]\$/.test(stored)) return `bcrypt$${stored}`
  return null
}
