import { type Account, type Authenticated, completeProfile, type Profile } from './account.ts'
import { isLetterWanted } from './ask-for-letter.ts'
import { AuthError, type Problem } from './errors.ts'
import { type Identifier, isEmailAddress, normaliseIdentifier } from './identifier.ts'
import { findPasswordProblem, normalisePassword } from './password-rules.ts'
import type { NamedIdentifier, Ports } from './ports.ts'
import { findLoneSurrogate } from './text.ts'

/** The credential version of a new account. */
const FIRST_VERSION = 1

/**
 * What a door read from a registration. Where a field could not be read, it is absent and one of `problems` says why:
 * core adds what only it can know, so that one answer lists everything.
 */
export type Registration = {
  readonly email?: string | undefined
  readonly username?: string | undefined
  readonly password?: string | undefined
  readonly profile?: Partial<Profile>
  /** A registration may only reduce: `false` makes a disabled account. */
  readonly isActive?: boolean
  /** Whether the request asked to be staff. It never is: the wish is noted for the operator and nothing else. */
  readonly wantsStaff?: boolean
  readonly problems?: readonly Problem[]
}

/**
 * Makes an account. The form's open questions (is the name free?) are answered together with the door's own problems;
 * whether the name *was* free is decided by the unique index alone, so of concurrent registrations one wins.
 *
 * @throws {AuthError} `invalid_input` with every problem; `overloaded`.
 */
export async function register(
  ports: Pick<Ports, 'store' | 'passwords' | 'tokens' | 'audit' | 'mailer' | 'now'>,
  registration: Registration,
): Promise<Authenticated> {
  const authenticated = await addAccount(ports, registration, { isStaff: false })
  const accountId = authenticated.account.id
  if (ports.mailer !== null && isLetterWanted('email_verification', authenticated.account)) {
    await ports.store.addLetter({ purpose: 'email_verification', accountId, now: ports.now() })
  }
  ports.audit.record({ type: 'account_registered', accountId })
  if (registration.wantsStaff === true) {
    ports.audit.record({ type: 'privileged_field_ignored', accountId, detail: { field: 'is_staff' } })
  }
  return authenticated
}

/**
 * What `register` and the operator's `createAccount` share; only the operator may grant `isStaff`.
 *
 * @throws {AuthError} `invalid_input`, `overloaded`.
 */
export async function addAccount(
  { store, passwords, tokens, now }: Pick<Ports, 'store' | 'passwords' | 'tokens' | 'now'>,
  registration: Registration,
  { isStaff }: { isStaff: boolean },
): Promise<Authenticated> {
  const names = readNames(registration)
  const problems = [...(registration.problems ?? []), ...findTextProblems(registration)]
  const taken = problems.some(({ rule }) => rule === 'null_character' || rule === 'lone_surrogate')
    ? []
    : await store.findTaken(names.identifiers.map(({ value }) => value))
  const takenNames = takenProblems(registration, taken)
  const alien = takenNames.length > 0 ? [] : findAlienAddress(registration)
  const all = [...takenNames, ...problems, ...alien]
  if (all.length > 0 || registration.password === undefined) throw new AuthError('invalid_input', { problems: all })

  const createdAt = now()
  const created = await store.createAccount({
    subject: tokens.makeId(),
    ...names,
    profile: completeProfile(registration.profile ?? {}),
    isActive: registration.isActive ?? true,
    isStaff,
    credentialVersion: FIRST_VERSION,
    passwordHash: await passwords.hash(normalisePassword(registration.password)),
    createdAt,
  })
  if (created.account === null) {
    throw new AuthError('invalid_input', { problems: takenProblems(registration, created.taken) })
  }
  return { account: created.account, credentialVersion: FIRST_VERSION }
}

/** The names an account would have. A username that is an email address is the account's (unverified) email too. */
function readNames({ email, username }: Registration): Pick<Account, 'email' | 'username'> & {
  identifiers: readonly NamedIdentifier[]
} {
  const address = email || (username && isEmailAddress(normaliseIdentifier(username)) ? username : null)
  const identifiers = new Map<Identifier, NamedIdentifier>()
  if (username) add('username', username)
  if (address) add('email', address)
  return { email: address, username: username || null, identifiers: [...identifiers.values()] }

  function add(kind: NamedIdentifier['kind'], text: string): void {
    const value = normaliseIdentifier(text)
    identifiers.set(value, { value, kind })
  }
}

function takenProblems({ email, username }: Registration, taken: readonly Identifier[]): Problem[] {
  const given = { email, username }
  return (['email', 'username'] as const).flatMap((field) => {
    const text = given[field]
    return text && taken.includes(normaliseIdentifier(text)) ? [{ field, rule: 'taken' }] : []
  })
}

/** A username that is an address is the account's own: nobody's username may be somebody else's address. */
function findAlienAddress({ email, username }: Registration): Problem[] {
  if (!email || !username) return []
  const name = normaliseIdentifier(username)
  const isAlien = isEmailAddress(name) && name !== normaliseIdentifier(email)
  return isAlien ? [{ field: 'username', rule: 'invalid_username' }] : []
}

/** What no database can keep, whichever door forgot to refuse it. */
function findTextProblems({ email, username, password, profile }: Registration): Problem[] {
  const texts: [string, string | undefined][] = [
    ['email', email],
    ['username', username],
    ['name', profile?.name],
    ['first_name', profile?.firstName],
    ['last_name', profile?.lastName],
    ['phone_number', profile?.phoneNumber],
  ]
  const problems = texts.flatMap(([field, text]) => (text === undefined ? [] : findTextProblem(field, text)))
  const passwordProblem = password === undefined ? null : findPasswordProblem(password, 'password')
  return passwordProblem === null ? problems : [...problems, passwordProblem]
}

function findTextProblem(field: string, text: string): Problem[] {
  if (text.includes('\0')) return [{ field, rule: 'null_character' }]
  const codeUnit = findLoneSurrogate(text)
  return codeUnit === null ? [] : [{ field, rule: 'lone_surrogate', codeUnit }]
}
