import type { Account } from './account.ts'
import { accountAttemptKeys } from './attempts.ts'
import type { AuditEvent, AuditEventType } from './audit-event.ts'
import { AuthError, type Problem } from './errors.ts'
import { normaliseIdentifier } from './identifier.ts'
import { judgePassword, namesOf, screenPassword } from './judge-password.ts'
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
  ports: Pick<Ports, 'store' | 'passwords' | 'tokens' | 'audit' | 'now' | 'policy' | 'screening'>,
  registration: Registration,
  options: { isStaff: boolean },
): Promise<Account> {
  const { account } = await addAccount(ports, registration, options)
  ports.audit.record(byOperator('account_registered', account.id, { is_staff: String(options.isStaff) }))
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
  page: { after: number; limit: number; isWeakOnly?: boolean },
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
  if (account !== null) audit.record(byOperator(isActive ? 'account_enabled' : 'account_disabled', accountId))
  return account
}

/**
 * Sets a password on an operator's word: ends every session, and forgives past failures.
 *
 * @param own what the command line finds wrong with it.
 * @returns whether there is such an account.
 * @throws {AuthError} `invalid_input`, `overloaded`.
 */
export async function setPassword(
  ports: Pick<Ports, 'store' | 'passwords' | 'audit' | 'now' | 'policy' | 'screening'>,
  accountId: number,
  password: string,
  own: readonly Problem[] = [],
): Promise<boolean> {
  const { store, passwords, audit, now } = ports
  const account = await store.findAccount({ by: 'id', id: accountId })
  if (account === null) return false
  const field = 'password'
  const problems = judgePassword(ports, { password, field, names: namesOf(account), own })
  if (problems.length > 0) throw new AuthError('invalid_input', { problems })
  const isWeak = await screenPassword(ports, { password, field })
  const passwordHash = await passwords.hash(normalisePassword(password))
  const change = { accountId, passwordHash, hasWeakPassword: isWeak, now: now() }
  if ((await store.replacePassword(change)) === null) return false
  await store.settleAttempts({ release: [], clear: accountAttemptKeys(accountId) })
  audit.record(byOperator('password_changed', accountId, { is_weak: String(isWeak) }))
  return true
}

/** Deletes an account with its sessions and counters; its id is never given again. Says whether there was one. */
export async function deleteAccount(
  { store, audit }: Pick<Ports, 'store' | 'audit'>,
  accountId: number,
): Promise<boolean> {
  const deleted = await store.deleteAccount(accountId)
  if (!deleted) return false
  await store.settleAttempts({ release: [], clear: accountAttemptKeys(accountId) })
  audit.record(byOperator('account_deleted', accountId))
  return true
}

/** Live sessions, newest first: of one account, or of all. */
export async function listSessions(
  { store, now }: Pick<Ports, 'store' | 'now'>,
  filter: { accountId?: number; limit: number },
): Promise<readonly Session[]> {
  return store.listSessions({ ...filter, now: now() })
}

/** Ends one session by its id. Says whether there was one. */
export async function revokeSession(
  { store, audit }: Pick<Ports, 'store' | 'audit'>,
  sessionId: string,
): Promise<boolean> {
  const stored = await store.findSession(sessionId)
  if (!(await store.endSession(sessionId))) return false
  audit.record(byOperator('session_ended', stored?.account.id ?? null, { session: sessionId }))
  return true
}

/** Ends every session of an account; says how many there were. */
export async function revokeSessions(
  { store, audit }: Pick<Ports, 'store' | 'audit'>,
  accountId: number,
): Promise<number> {
  const count = await store.endSessions(accountId)
  audit.record(byOperator('sessions_ended', accountId, { count: String(count) }))
  return count
}

/** Ends every session and every one-time token of everybody, and every login under way; says how many there were. */
export async function revokeEverySession({
  store,
  audit,
}: Pick<Ports, 'store' | 'audit'>): Promise<{ sessions: number; oneTimeTokens: number }> {
  const ended = await store.endEverySession()
  const detail = { of: 'everybody', count: String(ended.sessions) }
  audit.record(byOperator('sessions_ended', null, detail))
  return ended
}

function byOperator(
  type: AuditEventType,
  accountId: number | null,
  detail: Readonly<Record<string, string>> = {},
): AuditEvent {
  return { type, actor: 'operator', accountId, client: null, detail }
}
