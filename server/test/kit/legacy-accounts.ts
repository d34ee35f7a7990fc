import assert from 'node:assert/strict'
import { pbkdf2Sync } from 'node:crypto'
import { completeProfile } from '../../src/core/account.ts'
import { normaliseIdentifier } from '../../src/core/identifier.ts'
import type { ImportedAccount, Store } from '../../src/core/ports.ts'
import { NOW } from './new-rows.ts'
import { fresh } from './stores.ts'

/** What Django would store for a password, made with so few iterations that tests need not wait. */
export function hashAsDjango(password: string, iterations = 1000): string {
  const salt = fresh().slice(0, 22).replaceAll('-', 'x')
  return `pbkdf2_sha256$${iterations}$${salt}$${pbkdf2Sync(password, salt, iterations, 32, 'sha256').toString('base64')}`
}

/** Adds accounts that a back end before had, and gives their ids. Each has an email address, and its name as username. */
export async function addLegacyAccounts(
  store: Store,
  hashes: Readonly<Record<string, string | null>>,
  { source = fresh(), ...change }: Partial<ImportedAccount> & { source?: string } = {},
): Promise<readonly number[]> {
  const accounts = Object.entries(hashes).map(([name, passwordHash]): ImportedAccount => {
    const email = `${name}@example.com`
    return {
      legacyId: name,
      id: null,
      subject: fresh(),
      email,
      username: name,
      identifiers: [
        { value: normaliseIdentifier(email), kind: 'email' },
        { value: normaliseIdentifier(name), kind: 'username' },
      ],
      emailVerified: false,
      profile: completeProfile({ name }),
      isActive: true,
      isStaff: false,
      passwordHash,
      legacyFormat: passwordHash === null ? null : 'django-pbkdf2-sha256',
      createdAt: NOW,
      lastLoginAt: null,
      ...change,
    }
  })
  const progress = { name: fresh(), position: accounts.length, state: '{}' }
  const outcomes = await store.importAccounts({ source, accounts, progress: () => progress, now: NOW })
  return outcomes.map((outcome) => {
    assert.ok(outcome.did === 'imported')
    return outcome.accountId
  })
}
