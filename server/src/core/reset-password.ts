import { accountAttemptKeys } from './attempts.ts'
import { AuthError, type Problem } from './errors.ts'
import { judgePassword, namesOf, screenPassword } from './judge-password.ts'
import { fromUid } from './mail.ts'
import { normalisePassword } from './password-rules.ts'
import type { Ports } from './ports.ts'
import type { Client } from './session.ts'

/** A reset as it came in by a door, with the uid and token of a letter. */
export type PasswordReset = {
  readonly uid: string
  readonly token: string
  readonly newPassword: string
  /** What the door calls its field. */
  readonly newPasswordField: string
  /** What the door finds wrong with the new password. It is told only to somebody with a good token. */
  readonly problems: readonly Problem[]
  readonly client: Client
}

/**
 * Sets a new password with the token of a letter. Whoever has it has the mailbox: every session, every other letter and
 * every guess counted against the account ends with it, and the address is proved.
 *
 * @throws {AuthError} `invalid_input` with `invalid_value` under `uid` or `token`, or the door's own problems;
 *   `overloaded`.
 */
export async function resetPassword(
  ports: Pick<Ports, 'store' | 'passwords' | 'tokens' | 'audit' | 'now' | 'policy' | 'screening'>,
  reset: PasswordReset,
): Promise<void> {
  const { store, passwords, tokens, audit, now } = ports
  const { client } = reset
  const accountId = fromUid(reset.uid)
  const account = accountId === null ? null : await store.findAccount({ by: 'id', id: accountId })
  if (accountId === null || account === null) throw invalid('uid')
  const tokenHash = tokens.digest(reset.token)
  const redemption = { tokenHash, purpose: 'password_reset', accountId } as const
  // A look first, so that no stranger can make us hash; the redemption below decides.
  if (!(await store.hasOneTimeToken({ ...redemption, now: now() }))) {
    audit.record({ type: 'password_reset_failed', actor: 'anonymous', accountId, client, detail: { reason: 'token' } })
    throw invalid('token')
  }
  const { newPassword: password, newPasswordField: field, problems: own } = reset
  const problems = judgePassword(ports, { password, field, names: namesOf(account), own })
  if (problems.length > 0) throw new AuthError('invalid_input', { problems })
  const isWeak = await screenPassword(ports, { password, field })
  const passwordHash = await passwords.hash(normalisePassword(password, field))
  const change = { ...redemption, passwordHash, hasWeakPassword: isWeak, now: now() }
  if (!(await store.redeemPasswordReset(change))) throw invalid('token')
  await store.settleAttempts({ release: [], clear: accountAttemptKeys(accountId) })
  const told = { accountId, client }
  audit.record({ type: 'password_changed', actor: { accountId }, ...told, detail: { by: 'letter' } })
  if (isWeak) audit.record({ type: 'weak_password_found', actor: 'server', ...told })
}

function invalid(field: 'uid' | 'token'): AuthError {
  return new AuthError('invalid_input', { problems: [{ field, rule: 'invalid_value' }] })
}
