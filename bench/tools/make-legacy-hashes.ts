import { createHash, pbkdf2Sync } from 'node:crypto'
import { hash } from '@node-rs/bcrypt'
import type { Argon2Parameters } from '../../server/src/crypto/argon2-hash.ts'
import { createLegacyHashes } from '../../server/src/crypto/legacy/take-in.ts'

/** How often Django of 2025 iterates. */
export const ITERATIONS = 1_000_000
export const BCRYPT_COST = 12

/** What other back ends would have stored for a password, as it is kept here after an import. */
export type LegacyHashesMade = { readonly pbkdf2: string; readonly bcrypt: string; readonly wrapped: string }

/** Makes a dear one of Django's, one of an Express app's, and a quick one that was wrapped. */
export async function makeLegacyHashes(password: string, parameters: Argon2Parameters): Promise<LegacyHashesMade> {
  const salt = 'saltOf22characters0000'
  const digest = pbkdf2Sync(password, salt, ITERATIONS, 32, 'sha256').toString('base64')
  const md5 = createHash('md5').update(`${salt}${password}`).digest('hex')
  const taken = await createLegacyHashes(parameters).takeIn(`md5$${salt}$${md5}`)
  if ('problem' in taken || taken.stored === null) throw new Error('An md5 hash of Django was not taken in.')
  return {
    pbkdf2: `pbkdf2_sha256$${ITERATIONS}$${salt}$${digest}`,
    bcrypt: await hash(password, { cost: BCRYPT_COST }),
    wrapped: taken.stored,
  }
}
