import { type Account, type Authenticated, completeProfile, type Profile } from './account.ts'
import { isLetterWanted } from './ask-for-letter.ts'
import { countNames, countRegistration, NOTHING_OWED } from './attempts.ts'
import { AuthError, type Problem } from './errors.ts'
import { type Identifier, isEmailAddress, normaliseIdentifier } from './identifier.ts'
import { judgePassword, namesOf, screenPassword } from './judge-password.ts'
import { normalisePassword } from './password-rules.ts'
import type { AttemptSettlement, NamedIdentifier, Ports } from './ports.ts'
import { recordPrivileged } from './privileged-fields.ts'
import type { Client } from './session.ts'
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
  /** There also where `problems` says that it breaks a rule of the door's, so that the policy's are told with it. */
  readonly password?: string | undefined
  /** What the door calls the password's field; `password` unless said. */
  readonly passwordField?: string
  readonly profile?: Partial<Profile>
  /** A registration may only reduce: `false` makes a disabled account. */
  readonly isActive?: boolean
  /** Whether the request asked to be staff. It never is: the wish is noted for the operator and nothing else. */
  readonly wantsStaff?: boolean
  /** Other fields that asked for rights: see `findPrivilegedFields`. */
  readonly privilegedFields?: readonly string[]
  readonly problems?: readonly Problem[]
}

type RegistrationPorts = Pick<
  Ports,
  'store' | 'passwords' | 'tokens' | 'audit' | 'mailer' | 'now' | 'limits' | 'policy' | 'screening' | 'legacyServers'
>

/**
 * Makes an account. The form's open questions (is the name free?) are answered together with the door's own problems;
 * whether the name *was* free is decided by the unique index alone, so of concurrent registrations one wins.
 * A network may ask about so many different names, and make so many accounts.
 *
 * @throws {AuthError} `invalid_input` with every problem; `too_many_attempts`; `overloaded`.
 */
export async function register(
  ports: RegistrationPorts,
  registration: Registration,
  client: Client,
): Promise<Authenticated> {
  const names = readNames(registration).identifiers.map(({ value }) => value)
  const asked = await countNames(ports, { names, client })
  const authenticated = await addAccount(ports, registration, {
    isStaff: false,
    // Somebody may have had the name at the back end before, and not have come by yet.
    areNamesClaimed: ports.legacyServers !== null,
    count: () => countRegistration(ports, client),
  })
  const { account } = authenticated
  const accountId = account.id
  // Names that became an account tell nothing of anybody else's.
  if (asked.release.length > 0) await ports.store.settleAttempts(asked)
  if (ports.mailer !== null && isLetterWanted('email_verification', account)) {
    await ports.store.addLetter({ purpose: 'email_verification', accountId, now: ports.now() })
  }
  ports.audit.record({ type: 'account_registered', actor: 'anonymous', accountId, client })
  if (account.hasWeakPassword) {
    ports.audit.record({ type: 'weak_password_found', actor: 'server', accountId, client })
  }
  const { wantsStaff = false, privilegedFields = [] } = registration
  const fields = [...(wantsStaff ? ['is_staff'] : []), ...privilegedFields]
  recordPrivileged(ports, { fields, isOwner: false, accountId, client })
  return authenticated
}

/**
 * What `register` and the operator's `createAccount` share; only the operator may grant `isStaff`.
 *
 * @param options `count` is asked when nothing is wrong with the form and it is about to be hashed; what it is owed is
 *   given back when it cannot be hashed now, or somebody else had the name after all.
 * @throws {AuthError} `invalid_input`, `overloaded`, and what `count` throws.
 */
export async function addAccount(
  ports: Pick<Ports, 'store' | 'passwords' | 'tokens' | 'now' | 'policy' | 'screening'>,
  registration: Registration,
  {
    isStaff,
    areNamesClaimed = false,
    count = async () => NOTHING_OWED,
  }: { isStaff: boolean; areNamesClaimed?: boolean; count?: () => Promise<AttemptSettlement> },
): Promise<Authenticated> {
  const { store, passwords, tokens, now } = ports
  const names = readNames(registration)
  const { password, passwordField: field = 'password' } = registration
  const own = [...(registration.problems ?? []), ...findTextProblems(registration)]
  const problems = judgePassword(ports, { password, field, names: namesOf(registration), own })
  const taken = problems.some(({ rule }) => rule === 'null_character' || rule === 'lone_surrogate')
    ? []
    : await store.findTaken(names.identifiers.map(({ value }) => value))
  const takenNames = takenProblems(registration, taken)
  const alien = takenNames.length > 0 ? [] : findAlienAddress(registration)
  const all = [...takenNames, ...problems, ...alien]
  if (all.length > 0 || password === undefined) throw new AuthError('invalid_input', { problems: all })

  const counted = await count()
  // A breach that is found stays counted: else strangers could have us ask for as many as they like.
  const hasWeakPassword = await screenPassword(ports, { password, field })
  const passwordHash = await passwords.hash(normalisePassword(password)).catch(async (error) => {
    if (counted.release.length > 0) await store.settleAttempts(counted)
    throw error
  })
  const createdAt = now()
  const created = await store.createAccount({
    subject: tokens.makeId(),
    ...names,
    identifiers: names.identifiers.map((name) => ({ ...name, isClaimed: areNamesClaimed })),
    profile: completeProfile(registration.profile ?? {}),
    isActive: registration.isActive ?? true,
    isStaff,
    hasWeakPassword,
    credentialVersion: FIRST_VERSION,
    passwordHash,
    createdAt,
  })
  if (created.account === null) {
    if (counted.release.length > 0) await store.settleAttempts(counted)
    throw new AuthError('invalid_input', { problems: takenProblems(registration, created.taken) })
  }
  return { account: created.account, credentialVersion: FIRST_VERSION, settlement: NOTHING_OWED }
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
function findTextProblems({ email, username, profile }: Registration): Problem[] {
  const texts: [string, string | undefined][] = [
    ['email', email],
    ['username', username],
    ['name', profile?.name],
    ['first_name', profile?.firstName],
    ['last_name', profile?.lastName],
    ['phone_number', profile?.phoneNumber],
  ]
  return texts.flatMap(([field, text]) => (text === undefined ? [] : findTextProblem(field, text)))
}

function findTextProblem(field: string, text: string): Problem[] {
  if (text.includes('\0')) return [{ field, rule: 'null_character' }]
  const codeUnit = findLoneSurrogate(text)
  return codeUnit === null ? [] : [{ field, rule: 'lone_surrogate', codeUnit }]
}
