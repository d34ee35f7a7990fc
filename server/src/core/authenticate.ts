import type { Account, Authenticated, Credential } from './account.ts'
import { adoptAccount, failAsSlowly } from './adopt-account.ts'
import { type Attempt, beginAttempt } from './attempts.ts'
import { AuthError, type AuthErrorCode } from './errors.ts'
import { type CheckedHash, findHash } from './find-hash.ts'
import { type Identifier, type IdentifierKind, normaliseIdentifier } from './identifier.ts'
import { refuseUnhashable } from './password-rules.ts'
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
  /** Whether this door tells that nobody has the name: then a network may only ask about so many names. */
  readonly tellsUnknown?: boolean
  readonly password: string
  readonly client: Client
}

type LoginPorts = Pick<
  Ports,
  'store' | 'passwords' | 'tokens' | 'audit' | 'screening' | 'now' | 'limits' | 'legacyServers'
>

/**
 * Proves a password. The attempt is counted before the hash; an unknown name costs the same work as a wrong password;
 * that an account is disabled is told only to somebody who knows its password. A right password is settled with the
 * session that is opened for it.
 *
 * @throws {AuthError} `invalid_input`, `too_many_attempts`, `unknown_account`, `wrong_password`, `account_disabled`,
 *   `overloaded`.
 */
export async function authenticate(ports: LoginPorts, login: Login): Promise<Authenticated> {
  const { password } = login
  refuseUnhashable(password)
  const identifier = normaliseIdentifier(login.identifier)
  const owner = isStorable(identifier) ? await ports.store.findCredential(identifier) : null
  // Charged to whoever has the name, also where this door does not take that kind: one door's budget must not tell what
  // another's would.
  const attempt = await begin(ports, { identifier, owner: owner?.account ?? null, login })
  const taken = owner !== null && isTaken(owner.kind, login) ? owner : null

  const checked = await findChecked(ports, { identifier, owner, isTaken: taken !== null, attempt })
  const proved = await verifyPassword(ports, { ...checked, password, attempt })
  const failed = { login, identifier, owner, credential: taken, attempt }
  const adoption = taken === null || proved === null ? await adoptAccount(ports, failed) : null
  const { credential, matched } = adoption?.proof ?? { credential: taken, matched: proved }
  if (credential === null) {
    const code = adoption?.isNameKnown === true ? 'wrong_password' : 'unknown_account'
    throw refuse(ports, code, { identifier, account: null, login })
  }
  const { account, credentialVersion } = credential
  if (matched === null) throw refuse(ports, 'wrong_password', { identifier, account, login })
  if (!account.isActive) {
    if (adoption === null) await failAsSlowly(ports, login)
    throw refuse(ports, 'account_disabled', { identifier, account, login })
  }

  const known = matched.normalize('NFC')
  const passwordHash = await upgradeHash(ports, credential, known)
  await flagWeakness(ports, { ...credential, passwordHash }, { password: known, client: login.client })
  return { account, credentialVersion, settlement: attempt.onSuccess }
}

function begin(
  ports: LoginPorts,
  { identifier, owner, login }: { identifier: Identifier; owner: Account | null; login: Login },
): Promise<Attempt> {
  const { client, tellsUnknown = false } = login
  const target = owner === null ? { identifier } : { accountId: owner.id, hasWeakPassword: owner.hasWeakPassword }
  return beginAttempt(ports, { target, client, names: tellsUnknown ? [identifier] : [] })
}

function isTaken(kind: IdentifierKind, { kinds }: Login): boolean {
  return kinds === undefined || kinds.includes(kind)
}

/** What the password is checked against. Where that cannot be found out, the attempt is given back: nothing was judged. */
async function findChecked(
  ports: LoginPorts,
  { attempt, ...asked }: Parameters<typeof findHash>[1] & { attempt: Attempt },
): Promise<CheckedHash> {
  return findHash(ports, asked).catch(async (error) => {
    await ports.store.settleAttempts(attempt.onRelease)
    throw error
  })
}

/** The refusal of a login, told to the audit log. */
function refuse(
  { audit, tokens }: Pick<Ports, 'audit' | 'tokens'>,
  code: AuthErrorCode,
  { identifier, account, login }: { identifier: Identifier; account: Account | null; login: Login },
): AuthError {
  audit.record({
    type: 'login_failed',
    actor: 'anonymous',
    accountId: account?.id ?? null,
    client: login.client,
    detail: {
      reason: code,
      ...(account === null ? { name: tokens.pseudonym(`name ${identifier}`).slice(0, 16) } : {}),
    },
  })
  return new AuthError(code, { identifier: login.identifier })
}

/**
 * A login is never refused because a stronger hash could not be made just now: the next login tries again.
 *
 * @returns the hash that is stored now, as far as this login knows.
 */
async function upgradeHash(
  { store, passwords }: Pick<Ports, 'store' | 'passwords'>,
  { account, passwordHash }: Credential,
  password: string,
): Promise<string | null> {
  if (passwordHash === null || !passwords.needsRehash(passwordHash)) return passwordHash
  try {
    const stronger = await passwords.hash(password)
    return (await store.upgradePasswordHash(account.id, passwordHash, stronger)) ? stronger : passwordHash
  } catch (error) {
    if (!(error instanceof AuthError && error.code === 'overloaded')) throw error
    return passwordHash
  }
}

/** An account that was made before anybody looked is flagged at its next login. */
async function flagWeakness(
  { store, screening, audit }: Pick<Ports, 'store' | 'screening' | 'audit'>,
  { account, passwordHash }: Credential,
  { password, client }: { password: string; client: Client },
): Promise<void> {
  if (account.hasWeakPassword || passwordHash === null || !screening.isCommon(password)) return
  if (!(await store.flagPassword(account.id, { passwordHash, hasWeakPassword: true }))) return
  audit.record({ type: 'weak_password_found', actor: 'server', accountId: account.id, client })
}
