import type { Authenticated, Credential } from './account.ts'
import { beginAttempt } from './attempts.ts'
import { AuthError } from './errors.ts'
import { type IdentifierKind, normaliseIdentifier } from './identifier.ts'
import { normalisePassword } from './password-rules.ts'
import type { Ports } from './ports.ts'
import type { Client } from './session.ts'
import { isStorable } from './text.ts'
import { verifyPassword } from './verify-password.ts'

/** A login as it came in by a door. */
export type Login = {
  /** As typed. It is compared in its normal form and echoed, where a document does that, as typed. */
  readonly identifier: string
  /** Which kinds of name this door takes; all of them unless said. */
  readonly kinds?: readonly IdentifierKind[]
  readonly password: string
  readonly client: Client
}

/**
 * Proves a password. The attempt is counted before the hash; an unknown name costs the same work as a wrong password;
 * that an account is disabled is told only to somebody who knows its password.
 *
 * @throws {AuthError} `invalid_input`, `too_many_attempts`, `unknown_account`, `wrong_password`, `account_disabled`,
 *   `overloaded`.
 */
export async function authenticate(
  ports: Pick<Ports, 'store' | 'passwords' | 'tokens' | 'now' | 'limits'>,
  login: Login,
): Promise<Authenticated> {
  const password = normalisePassword(login.password)
  const identifier = normaliseIdentifier(login.identifier)
  const credential = isStorable(identifier)
    ? await ports.store.findCredential(identifier, login.kinds ?? ['email', 'username'])
    : null
  // Charged to whoever has the name, also where this door does not take that kind: one door's budget must not tell what
  // another's would.
  const owner =
    credential?.account ??
    (isStorable(identifier) ? await ports.store.findAccount({ by: 'identifier', identifier }) : null)
  const target = owner === null ? { identifier } : { accountId: owner.id }
  const attempt = await beginAttempt(ports, { target, client: login.client })

  const matched = await verifyPassword(ports, credential?.passwordHash ?? null, password).catch(async (error) => {
    await attempt.release()
    throw error
  })
  if (credential === null) throw new AuthError('unknown_account', { identifier: login.identifier })
  if (matched === null) throw new AuthError('wrong_password', { identifier: login.identifier })
  if (!credential.account.isActive) throw new AuthError('account_disabled', { identifier: login.identifier })

  await attempt.succeed()
  await upgradeHash(ports, credential, matched)
  return { account: credential.account, credentialVersion: credential.credentialVersion }
}

/** A login is never refused because a stronger hash could not be made just now: the next login tries again. */
async function upgradeHash(
  { store, passwords }: Pick<Ports, 'store' | 'passwords'>,
  { account, passwordHash }: Credential,
  password: string,
): Promise<void> {
  if (passwordHash === null || !passwords.needsRehash(passwordHash)) return
  try {
    await store.upgradePasswordHash(account.id, passwordHash, await passwords.hash(password))
  } catch (error) {
    if (!(error instanceof AuthError && error.code === 'overloaded')) throw error
  }
}
