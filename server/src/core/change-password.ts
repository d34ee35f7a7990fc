import { beginAttempt } from './attempts.ts'
import { AuthError } from './errors.ts'
import { normalisePassword } from './password-rules.ts'
import type { Ports } from './ports.ts'
import type { Access, Client } from './session.ts'
import { verifyPassword } from './verify-password.ts'

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
  change: { oldPassword: string; oldPasswordField: string; newPassword: string; client: Client },
): Promise<void> {
  const oldPassword = normalisePassword(change.oldPassword, change.oldPasswordField)
  const newPassword = normalisePassword(change.newPassword)
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

  const replaced = await ports.store.replacePassword({
    accountId: account.id,
    passwordHash: await ports.passwords.hash(newPassword),
    expectedVersion: credential.credentialVersion,
    keepSession: session.id,
    now: ports.now(),
  })
  if (replaced === null) throw new AuthError('invalid_access_token')
  ports.audit.record({ type: 'password_changed', accountId: account.id })
}
