import type { Account } from './account.ts'
import { AuthError } from './errors.ts'
import { normaliseIdentifier } from './identifier.ts'
import type { NamedIdentifier, Ports } from './ports.ts'
import type { Access } from './session.ts'

/** What an owner may change of their own account. The email is proved, not typed: it is not among them. */
export type ProfileChange = {
  readonly username?: string | undefined
  readonly firstName?: string | undefined
  readonly lastName?: string | undefined
}

/**
 * Changes the owner's own profile. A new first or last name makes a new full name.
 *
 * @throws {AuthError} `invalid_input` when the username is taken; `invalid_access_token` when the account is gone.
 */
export async function updateProfile(
  { store, now }: Pick<Ports, 'store' | 'now'>,
  { account }: Access,
  change: ProfileChange,
): Promise<Account> {
  const rename = change.username !== undefined && change.username !== account.username ? change.username : null
  const updated = await store.updateProfile({
    accountId: account.id,
    firstName: change.firstName,
    lastName: change.lastName,
    ...(rename === null ? {} : { username: { shown: rename, identifiers: namesOf(account, rename) } }),
    now: now(),
  })
  if (updated.taken.length > 0) {
    throw new AuthError('invalid_input', { problems: [{ field: 'username', rule: 'taken' }] })
  }
  if (updated.account === null) throw new AuthError('invalid_access_token')
  return updated.account
}

function namesOf(account: Account, username: string): NamedIdentifier[] {
  const name = normaliseIdentifier(username)
  const email = account.email === null ? null : normaliseIdentifier(account.email)
  const named: NamedIdentifier[] = email === null ? [] : [{ value: email, kind: 'email' }]
  return username === '' || name === email ? named : [...named, { value: name, kind: 'username' }]
}
