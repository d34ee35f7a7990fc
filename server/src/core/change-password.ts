import { beginAttempt } from './attempts.ts'
import { AuthError, type Problem } from './errors.ts'
import { normalisePassword } from './password-rules.ts'
import type { Ports } from './ports.ts'
import type { Access, Client } from './session.ts'
import { verifyPassword } from './verify-password.ts'

/** A change of password as it came in by a door. */
export type PasswordChange = {
  readonly oldPassword: string
  /** What the door calls the field, for the problem of a wrong one. */
  readonly oldPasswordField: string
  readonly newPassword: string
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
  ports: Pick<Ports, 'store' | 'passwords' | 'tokens' | 'audit' | 'now' | 'limits'>,
  { account, session }: Access,
  change: PasswordChange,
): Promise<void> {
  const oldPassword = normalisePassword(change.oldPassword, change.oldPasswordField)
  const credential = await ports.store.findCredentialById(account.id)
  if (credential === null) throw new AuthError('invalid_access_token')

  const attempt = await beginAttempt(ports, { target: { accountId: account.id }, client: change.client })
  const matched = await verifyPassword(ports, credential.passwordHash, oldPassword).catch(async (error) => {
    await attempt.release()
    throw error
  })
  if (matched === null) {
    throw new AuthError('invalid_input', { problems: [{ field: change.oldPasswordField, rule: 'wrong_password' }] })
  }
  await attempt.succeed()
  if (change.problems.length > 0) throw new AuthError('invalid_input', { problems: change.problems })

  const replaced = await ports.store.replacePassword({
    accountId: account.id,
    passwordHash: await ports.passwords.hash(normalisePassword(change.newPassword)),
    expectedVersion: credential.credentialVersion,
    keepSession: session.id,
    now: ports.now(),
  })
  if (replaced === null) throw new AuthError('invalid_access_token')
  ports.audit.record({ type: 'password_changed', accountId: account.id })
}
