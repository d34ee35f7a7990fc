import type { Account } from './account.ts'
import { accountAttemptKey } from './attempts.ts'
import { normaliseIdentifier } from './identifier.ts'
import { normalisePassword } from './password-rules.ts'
import type { Ports } from './ports.ts'
import { addAccount, type Registration } from './register.ts'
import type { Session } from './session.ts'

/**
 * Makes an account on an operator's word, who alone may grant `isStaff`.
 *
 * @throws {AuthError} `invalid_input`, `overloaded`.
 */
export async function createAccount(
  ports: Pick<Ports, 'store' | 'passwords' | 'tokens' | 'audit' | 'now'>,
  registration: Registration,
  options: { isStaff: boolean },
): Promise<Account> {
  const { account } = await addAccount(ports, registration, options)
  ports.audit.record({ type: 'account_registered', accountId: account.id, detail: { by: 'operator' } })
  return account
}

/**
 * Finds an account by what an operator types: the number that is its id, an email address, or a username. An id wins
 * over a username that consists of digits, because anybody can choose one.
 */
export async function findAccount({ store }: Pick<Ports, 'store'>, text: string): Promise<Account | null> {
  const numbered = /^[1-9]\d{0,14}$/.test(text) ? await store.findAccount({ by: 'id', id: Number(text) }) : null
  return numbered ?? store.findAccount({ by: 'identifier', identifier: normaliseIdentifier(text) })
}

/** Accounts with an id above `after`, lowest first. */
export async function listAccounts(
  { store }: Pick<Ports, 'store'>,
  page: { after: number; limit: number },
): Promise<readonly Account[]> {
  return store.listAccounts(page)
}

/** Enables or disables an account; disabling ends all its sessions for good. `null` when there is none. */
export async function setActive(
  { store, audit, now }: Pick<Ports, 'store' | 'audit' | 'now'>,
  accountId: number,
  isActive: boolean,
): Promise<Account | null> {
  const account = await store.setActive(accountId, isActive, now())
  if (account !== null && !isActive) audit.record({ type: 'account_disabled', accountId })
  return account
}

/**
 * Sets a password on an operator's word: ends every session, and forgives past failures.
 *
 * @returns whether there is such an account.
 * @throws {AuthError} `invalid_input`, `overloaded`.
 */
export async function setPassword(
  { store, passwords, audit, now }: Pick<Ports, 'store' | 'passwords' | 'audit' | 'now'>,
  accountId: number,
  password: string,
): Promise<boolean> {
  const passwordHash = await passwords.hash(normalisePassword(password))
  if ((await store.replacePassword({ accountId, passwordHash, now: now() })) === null) return false
  await store.settleAttempts({ release: [], clear: [accountAttemptKey(accountId)] })
  audit.record({ type: 'password_changed', accountId, detail: { by: 'operator' } })
  return true
}

/** Deletes an account with its sessions and counters; its id is never given again. Says whether there was one. */
export async function deleteAccount({ store }: Pick<Ports, 'store'>, accountId: number): Promise<boolean> {
  const deleted = await store.deleteAccount(accountId)
  if (deleted) await store.settleAttempts({ release: [], clear: [accountAttemptKey(accountId)] })
  return deleted
}

/** Live sessions, newest first: of one account, or of all. */
export async function listSessions(
  { store, now }: Pick<Ports, 'store' | 'now'>,
  filter: { accountId?: number; limit: number },
): Promise<readonly Session[]> {
  return store.listSessions({ ...filter, now: now() })
}

/** Ends one session by its id. Says whether there was one. */
export async function revokeSession({ store }: Pick<Ports, 'store'>, sessionId: string): Promise<boolean> {
  return store.endSession(sessionId)
}

/** Ends every session of an account; says how many there were. */
export async function revokeSessions({ store }: Pick<Ports, 'store'>, accountId: number): Promise<number> {
  return store.endSessions(accountId)
}

/** Ends every session and every one-time token of everybody, and every login under way; says how many there were. */
export async function revokeEverySession({
  store,
}: Pick<Ports, 'store'>): Promise<{ sessions: number; oneTimeTokens: number }> {
  return store.endEverySession()
}
