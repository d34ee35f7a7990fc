import { normaliseIdentifier } from '../../src/core/identifier.ts'
import type { NewAccount, NewKey, NewSession, Store } from '../../src/core/ports.ts'

/** A time that is whole seconds and not now. */
export const NOW = 1_700_000_000_000

/** What stands for a password's hash. */
export const HASH = 'a hash'

/** An account with one name that no other has, as the store is given it. */
export function newAccount(change: Partial<NewAccount> = {}): NewAccount {
  const username = crypto.randomUUID()
  return {
    subject: crypto.randomUUID(),
    email: null,
    username,
    identifiers: [{ value: normaliseIdentifier(username), kind: 'username' }],
    profile: { name: '', firstName: '', lastName: '', phoneNumber: '' },
    isActive: true,
    isStaff: false,
    hasWeakPassword: false,
    passwordHash: HASH,
    credentialVersion: 1,
    createdAt: NOW,
    ...change,
  }
}

/** A signing key that signs nothing, as the store is given it. */
export function newKey(change: Partial<NewKey> = {}): NewKey {
  const kid = crypto.randomUUID()
  const halves = { publicJwk: '{}', sealedPrivateJwk: 'sealed' }
  return { kid, algorithm: 'ES256', ...halves, createdAt: NOW, activeFrom: NOW, ...change }
}

/** A session of an account, as the store is given it. */
export function newSession(accountId: number, change: Partial<NewSession> = {}): NewSession {
  return {
    id: crypto.randomUUID(),
    accountId,
    kind: 'jwt',
    contract: 'drf-token',
    tokenHash: null,
    createdAt: NOW,
    expiresAt: NOW + 86_400_000,
    network: '192.0.2.1',
    userAgent: 'a browser',
    ...change,
  }
}

/** A login that is owed nothing, from a network that nobody remembers, as the store is given it. */
export function newLogin(credentialVersion = 1, change: Partial<Login> = {}): Login {
  return { credentialVersion, settlement: { release: [], clear: [] }, networkDigest: null, ...change }
}

type Login = Parameters<Store['openSession']>[1]
