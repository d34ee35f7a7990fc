import { randomBytes } from 'node:crypto'
import type { StoredAccount } from '../core/ports.ts'
import { countCodePoints } from '../core/text.ts'
import { toDjangoHash } from '../core/to-django-hash.ts'
import { writeJsonLine } from './print.ts'

/** How long Django lets these be. */
const LONGEST = { username: 150, firstName: 150, lastName: 150 }

/** How accounts become rows of a Django table. */
export type FixtureRequest = {
  /** As `loaddata` names it: `auth.user`. */
  readonly model: string
  /** Whether rows have the ids of the back end before. Those that it had none for are given one when they are loaded. */
  readonly hasLegacyIds: boolean
  /** The columns of fields that are called otherwise, or are not Django's own. */
  readonly map: Readonly<Record<string, string>>
}

/** What had to be made of accounts that Django has no place for. */
export type FixtureLosses = {
  /** Accounts whose hash no hasher of Django's checks, by what made it: they need a reset there. */
  readonly unusable: Map<string, number>
  /** Accounts without a name of at most 150 characters, which were given one. */
  renamed: number
  /** Accounts of whose first or last name only 150 characters are kept. */
  shortened: number
}

/** Fields that Django's own users do not have, and are written where a column is named for them. */
const MORE = ['name', 'phone_number', 'email_verified'] as const

/** The fields that can be given a column. */
export const FIXTURE_FIELDS: readonly string[] = [
  'username',
  'email',
  'password',
  'first_name',
  'last_name',
  'is_active',
  'is_staff',
  'date_joined',
  'last_login',
  ...MORE,
]

/** Writes one account as an object of a fixture, and counts in `losses` what Django has no place for. */
export function writeFixtureObject(stored: StoredAccount, request: FixtureRequest, losses: FixtureLosses): string {
  const { account } = stored
  const { profile } = account
  const firstName = shorten(profile.firstName, LONGEST.firstName)
  const lastName = shorten(profile.lastName, LONGEST.lastName)
  if (firstName !== profile.firstName || lastName !== profile.lastName) losses.shortened++
  const fields: Readonly<Record<string, unknown>> = {
    username: nameOf(stored, losses),
    email: account.email ?? '',
    password: hashOf(stored, losses),
    first_name: firstName,
    last_name: lastName,
    is_active: account.isActive,
    is_staff: account.isStaff,
    date_joined: new Date(account.createdAt).toISOString(),
    last_login: account.lastLoginAt === null ? null : new Date(account.lastLoginAt).toISOString(),
    name: profile.name,
    phone_number: profile.phoneNumber,
    email_verified: account.emailVerified,
  }
  const { model, map } = request
  const named = Object.entries(fields).flatMap(([field, value]): [string, unknown][] => {
    const column = Object.hasOwn(map, field) ? map[field] : MORE.some((more) => more === field) ? undefined : field
    return column === undefined ? [] : [[column, value]]
  })
  return writeJsonLine({ model, pk: keyOf(stored, request), fields: Object.fromEntries(named) }).trimEnd()
}

function keyOf({ account, legacyId }: StoredAccount, { hasLegacyIds }: FixtureRequest): number | string | null {
  if (!hasLegacyIds) return account.id
  // A name that stood in for an id is none.
  if (legacyId === null || legacyId.includes(':')) return null
  return /^[1-9]\d{0,14}$/.test(legacyId) ? Number(legacyId) : legacyId
}

/** Django's users have one; whoever signs in by an address here has that for a name there. */
function nameOf({ account }: StoredAccount, losses: FixtureLosses): string {
  const name = account.username ?? account.email
  if (name !== null && countCodePoints(name) <= LONGEST.username) return name
  losses.renamed++
  return `account-${account.subject}`
}

/** An unusable password begins with an exclamation mark; what follows makes reset links differ, as Django's own does. */
function hashOf({ passwordHash, legacyFormat }: StoredAccount, losses: FixtureLosses): string {
  const hash = passwordHash === null ? null : toDjangoHash(passwordHash)
  if (hash !== null) return hash
  if (passwordHash !== null) {
    const format = legacyFormat ?? 'argon2id'
    losses.unusable.set(format, (losses.unusable.get(format) ?? 0) + 1)
  }
  return `!${randomBytes(30).toString('base64url')}`
}

function shorten(text: string, longest: number): string {
  return countCodePoints(text) <= longest ? text : [...text].slice(0, longest).join('')
}
