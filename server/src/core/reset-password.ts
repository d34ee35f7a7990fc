import { accountAttemptKey } from './attempts.ts'
import { AuthError, type Problem } from './errors.ts'
import { fromUid } from './mail.ts'
import { normalisePassword } from './password-rules.ts'
import type { Ports } from './ports.ts'

/** A reset as it came in by a door, with the uid and token of a letter. */
export type PasswordReset = {
  readonly uid: string
  readonly token: string
  readonly newPassword: string
  /** What the door finds wrong with the new password. It is told only to somebody with a good token. */
  readonly problems: readonly Problem[]
}

/**
 * Sets a new password with the token of a letter. Whoever has it has the mailbox: every session, every other letter and
 * every guess counted against the account ends with it, and the address is proved.
 *
 * @throws {AuthError} `invalid_input` with `invalid_value` under `uid` or `token`, or the door's own problems;
 *   `overloaded`.
 */
export async function resetPassword(
  { store, passwords, tokens, audit, now }: Pick<Ports, 'store' | 'passwords' | 'tokens' | 'audit' | 'now'>,
  reset: PasswordReset,
): Promise<void> {
  const accountId = fromUid(reset.uid)
  if (accountId === null || (await store.findAccount({ by: 'id', id: accountId })) === null) throw invalid('uid')
  const tokenHash = tokens.digest(reset.token)
  const redemption = { tokenHash, purpose: 'password_reset', accountId } as const
  // A look first, so that no stranger can make us hash; the redemption below decides.
  if (!(await store.hasOneTimeToken({ ...redemption, now: now() }))) throw invalid('token')
  if (reset.problems.length > 0) throw new AuthError('invalid_input', { problems: reset.problems })
  const passwordHash = await passwords.hash(normalisePassword(reset.newPassword))
  if (!(await store.redeemPasswordReset({ ...redemption, passwordHash, now: now() }))) throw invalid('token')
  await store.settleAttempts({ release: [], clear: [accountAttemptKey(accountId)] })
  audit.record({ type: 'password_changed', accountId, detail: { by: 'letter' } })
}

function invalid(field: 'uid' | 'token'): AuthError {
  return new AuthError('invalid_input', { problems: [{ field, rule: 'invalid_value' }] })
}
