import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { completeProfile } from '../../src/core/account.ts'
import { DEFAULT_LIMITS } from '../../src/core/attempt-rules.ts'
import { authenticate } from '../../src/core/authenticate.ts'
import { AuthError } from '../../src/core/errors.ts'
import { normaliseIdentifier } from '../../src/core/identifier.ts'
import type { NewAccount, Passwords, Ports } from '../../src/core/ports.ts'
import type { Client } from '../../src/core/session.ts'
import { type Argon2Parameters, createPasswords } from '../../src/crypto/passwords.ts'
import { createTokens } from '../../src/crypto/tokens.ts'
import { openStore } from '../../src/store/open.ts'

/** What the servers and whoever prepares their databases share. */
export const SECRET = randomBytes(36).toString('base64')
export const PASSWORD = 'Correct-horse-7-battery'
export const IN_FORCE: Argon2Parameters = { memory: 19_456, passes: 2, lanes: 1 }

/** A server's database, before the server has it or after. */
export type Site = {
  readonly store: Ports['store']
  /** Adds accounts whose passwords are all the same: hashed once, with the parameters in force unless told, or by others. */
  addAccounts(
    emails: readonly string[],
    options?: { argon2?: Argon2Parameters; isActive?: boolean; passwordHash?: string },
  ): Promise<void>
  /** Guesses wrong at a name at some time, and hashes nothing for it. */
  guess(identifier: string, now: number): Promise<void>
  close(): Promise<void>
}

const ELSEWHERE: Client = { network: null, userAgent: '', contract: 'drf-token', requestId: 'prepared' }

const HASHES_NOTHING: Passwords = {
  hash: async () => '',
  verify: async () => false,
  needsRehash: () => false,
  canCheck: () => true,
  spellAsBefore: () => null,
  isFull: () => false,
  isBusy: () => false,
}

/** Where a server that is started in a folder has its database. */
export function databaseIn(folder: string): string {
  return `sqlite:${join(folder, 'data', 'latchkey.db')}`
}

/** Opens the database of a server that does not run. */
export async function openSite(folder: string): Promise<Site> {
  const { store } = await openStore(databaseIn(folder))
  const tokens = createTokens({ secret: SECRET })
  const hashes = new Map<string, string>()
  return {
    store,
    async addAccounts(emails, { argon2 = IN_FORCE, isActive = true, passwordHash: given } = {}) {
      const key = JSON.stringify(argon2)
      const passwordHash = given ?? hashes.get(key) ?? (await (await createPasswords(argon2)).hash(PASSWORD))
      if (given === undefined) hashes.set(key, passwordHash)
      for (const email of emails) {
        const { account } = await store.createAccount(
          newAccount(email, { passwordHash, isActive, subject: tokens.makeId() }),
        )
        if (account === null) throw new Error(`${email} is taken.`)
      }
    },
    async guess(identifier, now) {
      const login = { identifier, password: 'wrong', client: ELSEWHERE }
      const audit = { record: () => {} }
      const screening = { isCommon: () => false, isBreached: async () => false }
      const ports = {
        store,
        tokens,
        audit,
        screening,
        passwords: HASHES_NOTHING,
        limits: DEFAULT_LIMITS,
        now: () => now,
        legacyServers: null,
      }
      const outcome = await authenticate(ports, login).catch((error: unknown) => error)
      if (!(outcome instanceof AuthError))
        throw new Error(`A guess at ${identifier} was not refused.`, { cause: outcome })
    },
    close: () => store.close(),
  }
}

function newAccount(
  email: string,
  { passwordHash, isActive, subject }: { passwordHash: string; isActive: boolean; subject: string },
): NewAccount {
  return {
    subject,
    email,
    username: null,
    identifiers: [{ value: normaliseIdentifier(email), kind: 'email' }],
    profile: completeProfile({ name: 'Ada Owner' }),
    isActive,
    isStaff: false,
    hasWeakPassword: false,
    passwordHash,
    credentialVersion: 1,
    createdAt: Date.now(),
  }
}
