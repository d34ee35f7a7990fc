import type { Account } from './account.ts'
import { countNames } from './attempts.ts'
import { AuthError } from './errors.ts'
import { isEmailAddress, normaliseIdentifier } from './identifier.ts'
import type { NamedIdentifier, Ports } from './ports.ts'
import { recordPrivileged } from './privileged-fields.ts'
import type { Client, SignedIn } from './session.ts'

/** What an owner may change of their own account. The email is proved, not typed: it is not among them. */
export type ProfileChange = {
  readonly username?: string | undefined
  readonly firstName?: string | undefined
  readonly lastName?: string | undefined
  /** Fields that asked for rights: see `findPrivilegedFields`. */
  readonly privilegedFields?: readonly string[]
}

/**
 * Changes the owner's own profile. A new first or last name makes a new full name.
 *
 * @throws {AuthError} `invalid_input` when the username is taken, or an address that is not the account's own;
 *   `too_many_attempts` when the network has asked about too many; `invalid_access_token` when the account is gone.
 */
export async function updateProfile(
  ports: Pick<Ports, 'store' | 'tokens' | 'audit' | 'now' | 'limits' | 'legacyServers'>,
  { account }: Pick<SignedIn, 'account'>,
  { client, ...change }: ProfileChange & { readonly client: Client },
): Promise<Account> {
  const { store, audit, now } = ports
  const rename = change.username !== undefined && change.username !== account.username ? change.username : null
  if (rename !== null && isAlienAddress(rename, account)) {
    throw new AuthError('invalid_input', { problems: [{ field: 'username', rule: 'invalid_username' }] })
  }
  // Whether a name is taken is told here too, and a rename that succeeds tells it of as many names as one likes: unlike
  // a registration's, these are never given back.
  const names = rename === null || rename === '' ? [] : [normaliseIdentifier(rename)]
  await countNames(ports, { names, client })
  // Somebody may have had a new name at the back end before, and not have come by yet.
  const isClaimed = ports.legacyServers !== null
  const updated = await store.updateProfile({
    accountId: account.id,
    firstName: change.firstName,
    lastName: change.lastName,
    ...(rename === null ? {} : { username: { shown: rename, identifiers: namesOf(account, rename, { isClaimed }) } }),
    now: now(),
  })
  if (updated.taken.length > 0) {
    throw new AuthError('invalid_input', { problems: [{ field: 'username', rule: 'taken' }] })
  }
  if (updated.account === null) throw new AuthError('invalid_access_token')
  const accountId = account.id
  const fields = (['username', 'firstName', 'lastName'] as const).filter((field) => change[field] !== undefined)
  const detail = { fields: fields.join(' ') }
  audit.record({ type: 'profile_changed', actor: { accountId }, accountId, client, detail })
  recordPrivileged(ports, { fields: change.privilegedFields ?? [], isOwner: true, accountId, client })
  return updated.account
}

/** Nobody's username may be somebody else's address: neither to keep its owner out nor to be taken for them. */
function isAlienAddress(username: string, { email }: Account): boolean {
  const name = normaliseIdentifier(username)
  return isEmailAddress(name) && (email === null || normaliseIdentifier(email) !== name)
}

function namesOf(account: Account, username: string, { isClaimed }: { isClaimed: boolean }): NamedIdentifier[] {
  const name = normaliseIdentifier(username)
  const email = account.email === null ? null : normaliseIdentifier(account.email)
  const named: NamedIdentifier[] = email === null ? [] : [{ value: email, kind: 'email' }]
  return username === '' || name === email ? named : [...named, { value: name, kind: 'username', isClaimed }]
}
