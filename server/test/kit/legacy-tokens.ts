import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import type { Config } from '../../src/config/config.ts'
import { DEFAULT_SOURCE } from '../../src/core/legacy-port.ts'
import type { ImportedAccount, ImportedRevocation, ImportedSession, Store } from '../../src/core/ports.ts'
import { NOW } from './new-rows.ts'
import { fresh, named } from './stores.ts'

/** The secrets of back ends before, each another. */
export const OLD_SECRETS = {
  simplejwt: 'django-insecure-the secret of an old Django project',
  'drf-jwt': 'django-insecure-the secret of an older Django project',
  'express-jwt': 'the JWT_SECRET of an old Express app',
} as const

/** The settings of a server that takes the tokens of all of them, given out until a while ago. */
export function takeLegacyTokens(change: Partial<Config> = {}): Partial<Config> {
  const at = (contract: keyof typeof OLD_SECRETS) => ({
    file: `/run/secrets/${contract}`,
    secret: OLD_SECRETS[contract],
    isWeak: false,
  })
  return {
    legacySimplejwtSecret: at('simplejwt'),
    legacyDrfJwtSecret: at('drf-jwt'),
    legacyExpressJwtSecret: at('express-jwt'),
    legacyCutover: Date.now() - 1000,
    ...change,
  }
}

/** A JWT as the libraries of old back ends write it. */
export function mint(
  claims: object | string,
  secret: string = OLD_SECRETS.simplejwt,
  header: object = { alg: 'HS256', typ: 'JWT' },
  hash = 'sha256',
): string {
  const text = `${encode(header)}.${encode(claims)}`
  return `${text}.${createHmac(hash, secret).update(text).digest('base64url')}`
}

/** What SimpleJWT claims for an account, ten minutes ago. */
export function claimsOf(legacyId: number | string, change: Readonly<Record<string, unknown>> = {}) {
  const iat = Math.floor(Date.now() / 1000) - 600
  return { token_type: 'access', exp: iat + 3600, iat, jti: fresh().replaceAll('-', ''), user_id: legacyId, ...change }
}

/** Moves an account in, as an import does, and gives its id here. */
export async function moveIn(
  store: Store,
  {
    legacyId,
    source = DEFAULT_SOURCE,
    ...change
  }: Partial<ImportedAccount> & { readonly legacyId: string; readonly source?: string },
): Promise<number> {
  const username = change.username ?? fresh()
  const account: ImportedAccount = {
    legacyId,
    id: null,
    subject: fresh(),
    email: null,
    username,
    identifiers: [named(username, 'username')],
    emailVerified: false,
    profile: { name: '', firstName: '', lastName: '', phoneNumber: '' },
    isActive: true,
    isStaff: false,
    passwordHash: null,
    legacyFormat: null,
    createdAt: NOW,
    lastLoginAt: null,
    ...change,
  }
  const [outcome] = await store.importAccounts({ source, accounts: [account], progress: noProgress, now: Date.now() })
  assert.ok(outcome?.did === 'imported', JSON.stringify(outcome))
  return outcome.accountId
}

/** Moves sessions and revocations in, as an import does, and says what became of the sessions. */
export function moveSessionsIn(
  store: Store,
  { sessions = [], revoked = [] }: { sessions?: readonly ImportedSession[]; revoked?: readonly ImportedRevocation[] },
) {
  return store.importSessions({ sessions, revoked, progress: noProgress, now: Date.now() })
}

function noProgress() {
  return { name: fresh(), position: 1, state: '{}' }
}

function encode(part: object | string): string {
  return Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url')
}
