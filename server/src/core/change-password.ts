import { beginAttempt, networkDigest } from './attempts.ts'
import { AuthError, type Problem } from './errors.ts'
import { judgePassword, namesOf, screenPassword } from './judge-password.ts'
import { normalisePassword, refuseUnhashable } from './password-rules.ts'
import type { Ports } from './ports.ts'
import type { Client, SignedIn } from './session.ts'
import { verifyPassword } from './verify-password.ts'

/** A change of password as it came in by a door. */
export type PasswordChange = {
  readonly oldPassword: string
  /** What the door calls the field, for the problem of a wrong one. */
  readonly oldPasswordField: string
  readonly newPassword: string
  /** What the door calls the new one's field. */
  readonly newPasswordField: string
  /** What the door finds wrong with the new password. It is told only to somebody who knows the old one. */
  readonly problems: readonly Problem[]
  readonly client: Client
}

/**
 * Changes the password of a signed-in account. The old one is a guess like any other and is charged to the same
 * budget. Every other session ends with it; the one that asked lives on.
 *
 * @throws {AuthError} `invalid_input` (`wrong_password` under `oldPasswordField`), `too_many_attempts`, `overloaded`,
 *   `invalid_access_token` when the credential changed meanwhile.
 */
export async function changePassword(
  ports: Pick<Ports, 'store' | 'passwords' | 'tokens' | 'audit' | 'now' | 'limits' | 'policy' | 'screening'>,
  { account, session }: SignedIn,
  change: PasswordChange,
): Promise<void> {
  const { oldPassword, oldPasswordField } = change
  refuseUnhashable(oldPassword, oldPasswordField)
  const credential = await ports.store.findCredentialById(account.id)
  if (credential === null) throw new AuthError('invalid_access_token')

  const { client } = change
  const accountId = account.id
  const told = { actor: { accountId }, accountId, client }
  const { hasWeakPassword } = credential.account
  const attempt = await beginAttempt(ports, { target: { accountId, hasWeakPassword }, client })
  const { passwordHash } = credential
  const matched = await verifyPassword(ports, { passwordHash, isDecoy: false, password: oldPassword, attempt })
  if (matched === null) {
    ports.audit.record({ type: 'password_change_failed', ...told, detail: { reason: 'wrong_password' } })
    throw new AuthError('invalid_input', { problems: [{ field: oldPasswordField, rule: 'wrong_password' }] })
  }
  await ports.store.settleAttempts(attempt.onSuccess)
  const { newPassword: password, newPasswordField: field, problems: own } = change
  const problems = judgePassword(ports, { password, field, names: namesOf(account), own })
  if (problems.length > 0) throw new AuthError('invalid_input', { problems })
  const isWeak = await screenPassword(ports, { password, field })

  const replaced = await ports.store.replacePassword({
    accountId,
    hasWeakPassword: isWeak,
    passwordHash: await ports.passwords.hash(normalisePassword(password, field)),
    expectedVersion: credential.credentialVersion,
    keepSession: session.id,
    // Who is there has just proved the old password: they are not a stranger in their own network.
    ...(client.network === null ? {} : { keepNetwork: networkDigest(ports, { accountId, network: client.network }) }),
    now: ports.now(),
  })
  if (replaced === null) throw new AuthError('invalid_access_token')
  ports.audit.record({ type: 'password_changed', ...told })
  if (isWeak) ports.audit.record({ type: 'weak_password_found', ...told, actor: 'server' })
}
