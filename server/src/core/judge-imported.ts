import { completeProfile, type Profile } from './account.ts'
import { type Identifier, isEmailAddress, normaliseIdentifier } from './identifier.ts'
import { readLegacyId } from './legacy-id.ts'
import type { NamedIdentifier } from './ports.ts'
import { readTimestamp } from './read-timestamp.ts'
import { countCodePoints, isStorable, stripOuterSpace } from './text.ts'

/** A row as another back end had it; nothing in it has been judged. The fields of an account have our names. */
export type RawRow = {
  readonly line: number | string
  readonly kind: string
  readonly fields: Readonly<Record<string, unknown>>
}

/** Why a row is no account that could be kept. */
export type RowFault =
  | 'no_name'
  | 'no_id'
  | 'not_text'
  | 'not_boolean'
  | 'too_long'
  | 'not_storable'
  | 'invalid_email'
  | 'alien_address'

/** What an operator should know of an account that can be kept. */
export type RowNote = 'address_dropped' | 'staff_dropped' | 'superuser_dropped' | 'groups_dropped' | 'disabled'

/** An account as a row tells of it, but for its password. */
export type JudgedAccount = {
  readonly legacyId: string
  readonly id: number | null
  readonly email: string | null
  readonly username: string | null
  readonly identifiers: readonly NamedIdentifier[]
  readonly emailVerified: boolean
  readonly profile: Profile
  readonly isActive: boolean
  readonly isStaff: boolean
  readonly createdAt: number | null
  readonly lastLoginAt: number | null
}

/** What a row is: an account, or none that could be kept. */
export type Judgement =
  | { readonly account: JudgedAccount; readonly notes: readonly RowNote[] }
  | { readonly fault: RowFault; readonly field: string | null }

/** As long as any contract's document allows. */
const LONGEST_NAME = 254
const LONGEST_PROFILE = 255
/** Half of what JavaScript counts exactly: whoever registers is given an id after the highest that was kept. */
const HIGHEST_ID = 2 ** 52

const TRUE = new Set<unknown>([true, 1, 'true', 't', 'yes', 'y', '1'])
const FALSE = new Set<unknown>([false, 0, 'false', 'f', 'no', 'n', '0'])

/** Leaves `judgeImported` from the inside. */
class Fault extends Error {
  readonly fault: RowFault
  readonly field: string | null

  constructor(fault: RowFault, field: string | null) {
    super(fault)
    this.fault = fault
    this.field = field
  }
}

/** Judges a row of another back end: which account it is here, and what of it is left behind. */
export function judgeImported(
  fields: Readonly<Record<string, unknown>>,
  options: { readonly keepsIds: boolean; readonly keepsStaff: boolean },
): Judgement {
  try {
    return judge(fields, options)
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return { fault: error.fault, field: error.field }
  }
}

function judge(
  fields: Readonly<Record<string, unknown>>,
  { keepsIds, keepsStaff }: { keepsIds: boolean; keepsStaff: boolean },
): Judgement {
  const { names, isAddressDropped } = readNames(fields)
  const [first] = names.identifiers
  if (first === undefined) throw new Fault('no_name', null)
  const isActive = readBoolean(fields, 'is_active', true)
  const isStaff = readBoolean(fields, 'is_staff', false)
  const legacyId = readId(fields.id)
  const account: JudgedAccount = {
    legacyId: legacyId ?? `${first.kind}:${first.value}`,
    id: keepsIds ? keepId(legacyId) : null,
    ...names,
    emailVerified: names.email !== null && readBoolean(fields, 'email_verified', false),
    profile: completeProfile({
      name: readProfile(fields, 'name'),
      firstName: readProfile(fields, 'first_name'),
      lastName: readProfile(fields, 'last_name'),
      phoneNumber: readProfile(fields, 'phone_number'),
    }),
    isActive,
    isStaff: isStaff && keepsStaff,
    createdAt: readTimestamp(fields.date_joined),
    lastLoginAt: readTimestamp(fields.last_login),
  }
  const notes: RowNote[] = []
  if (isAddressDropped) notes.push('address_dropped')
  if (isStaff && !keepsStaff) notes.push('staff_dropped')
  if (readBoolean(fields, 'is_superuser', false)) notes.push('superuser_dropped')
  if (hasGroups(fields.groups)) notes.push('groups_dropped')
  if (!isActive) notes.push('disabled')
  return { account, notes }
}

/**
 * The names an account would have. A username that is an address is the account's own; where it is another one than its
 * email it may be anybody's, and is refused, as it would be at registration. An address that is none is left behind where
 * there is a username to sign in with.
 */
function readNames(fields: Readonly<Record<string, unknown>>): {
  names: Pick<JudgedAccount, 'email' | 'username' | 'identifiers'>
  isAddressDropped: boolean
} {
  const given = stripOuterSpace(readText(fields, 'email', Number.POSITIVE_INFINITY))
  const username = readText(fields, 'username', LONGEST_NAME)
  const name = username.trim() === '' ? null : normaliseIdentifier(username)
  const isAddress = !isLongerThan(given, LONGEST_NAME) && /^[^\s@]+@[^\s@]+$/u.test(given)
  if (given !== '' && !isAddress && name === null) throw new Fault('invalid_email', 'email')
  const isOwnAddress = name !== null && isEmailAddress(name)
  const email = isAddress ? given : isOwnAddress ? username : null
  const address = email === null ? null : normaliseIdentifier(email)
  if (isOwnAddress && address !== name) throw new Fault('alien_address', 'username')
  const identifiers = new Map<Identifier, NamedIdentifier>()
  if (name !== null) identifiers.set(name, { value: name, kind: 'username' })
  if (address !== null) identifiers.set(address, { value: address, kind: 'email' })
  return {
    names: { email, username: name === null ? null : username, identifiers: [...identifiers.values()] },
    isAddressDropped: given !== '' && !isAddress,
  }
}

function readProfile(fields: Readonly<Record<string, unknown>>, field: string): string {
  return stripOuterSpace(readText(fields, field, LONGEST_PROFILE))
}

/** A text, or a number where a source wrote one, as phone numbers often are. */
function readText(fields: Readonly<Record<string, unknown>>, field: string, longest: number): string {
  const value = fields[field]
  if (value === undefined || value === null) return ''
  const text = typeof value === 'number' || typeof value === 'bigint' ? String(value) : value
  if (typeof text !== 'string') throw new Fault('not_text', field)
  if (!isStorable(text)) throw new Fault('not_storable', field)
  if (isLongerThan(text, longest)) throw new Fault('too_long', field)
  return text
}

function isLongerThan(text: string, longest: number): boolean {
  return text.length > longest && countCodePoints(text) > longest
}

function readBoolean(fields: Readonly<Record<string, unknown>>, field: string, otherwise: boolean): boolean {
  const value = fields[field]
  if (value === undefined || value === null || value === '') return otherwise
  const plain = typeof value === 'string' ? value.trim().toLowerCase() : value
  if (TRUE.has(plain)) return true
  if (FALSE.has(plain)) return false
  throw new Fault('not_boolean', field)
}

function readId(value: unknown): string | null {
  if (value === undefined || value === null || value === '') return null
  const id = readLegacyId(value)
  if (id === null) throw new Fault('no_id', 'id')
  return id
}

/** An id that can be kept is a whole number that JavaScript, SQLite and PostgreSQL count alike; so are those after it. */
function keepId(legacyId: string | null): number {
  const id = legacyId !== null && /^[1-9]\d{0,15}$/.test(legacyId) ? Number(legacyId) : 0
  if (id < 1 || id > HIGHEST_ID) throw new Fault('no_id', 'id')
  return id
}

/** A list of groups, or how many there are. */
function hasGroups(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0
  return typeof value === 'number' && value > 0
}
