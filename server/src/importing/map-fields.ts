import { isObject, type JsonObject, own } from './read-object.ts'
import { ACCOUNT_FIELDS, type AccountField, SourceError } from './source.ts'

/** What columns are called that hold a field, small and without what joins words. The likeliest first. */
const USUAL: Readonly<Record<AccountField, readonly string[]>> = {
  id: ['id', 'pk', 'userid', 'uuid', 'uid', 'localid'],
  email: ['email', 'emailaddress', 'mail', 'useremail'],
  username: ['username', 'userlogin', 'login', 'handle'],
  password: [
    'password',
    'passwordhash',
    'hashedpassword',
    'encryptedpassword',
    'passworddigest',
    'hash',
    'passwd',
    'userpass',
    'pwd',
  ],
  salt: ['salt', 'passwordsalt'],
  first_name: ['firstname', 'givenname', 'forename'],
  last_name: ['lastname', 'familyname', 'surname'],
  name: ['name', 'fullname', 'displayname'],
  phone_number: ['phonenumber', 'phone', 'mobile', 'mobilenumber'],
  is_active: ['isactive', 'active', 'enabled', 'isenabled'],
  is_staff: ['isstaff', 'staff'],
  is_superuser: ['issuperuser', 'superuser', 'isadmin', 'admin'],
  groups: ['groups', 'roles', 'role'],
  email_verified: ['emailverified', 'isemailverified', 'emailconfirmed', 'isverified', 'verified'],
  date_joined: ['datejoined', 'createdat', 'created', 'dateadded', 'joinedat', 'registeredat', 'userregistered'],
  last_login: ['lastlogin', 'lastloginat', 'lastsigninat', 'lastsignin', 'lastseenat'],
}

/** Columns by which other back ends close an account, written as those above: there is no field for them. */
const CLOSES = /^(is)?(disabled|blocked|banned|suspended|locked|deleted|archived|inactive|deactivated)(at|on|date)?$/

/** Which column holds which field. */
export type FieldMap = {
  /** The fields of a row, by the names that they have from here on. */
  apply(row: JsonObject): Record<string, unknown>
  /** The columns that are read. */
  readonly columns: readonly string[]
  /** The column that holds what the source calls an account, if there is one. */
  readonly idColumn: string | null
  /** What was guessed and what is left out, a sentence each. */
  readonly notes: readonly string[]
}

/** What is known when a map is made. */
export type MapRequest = {
  /** The columns that there are, or that the first rows have. */
  readonly columns: readonly string[]
  /** Which column holds a field, where somebody said so. `a.b` is the member b of a. */
  readonly map: Readonly<Record<string, string>> | undefined
  /** Whether there can be columns that the first rows do not have. */
  readonly isOpen: boolean
}

/**
 * Finds the column of each field: the one that was named, or one with a usual name.
 *
 * @throws {SourceError} when a field or a column was named that there is not, or no column names an account.
 */
export function mapFields({ columns, map = {}, isOpen }: MapRequest): FieldMap {
  const has = `it has ${columns.slice(0, 40).join(', ')}`
  const chosen = new Map<AccountField, string>()
  for (const [field, column] of Object.entries(map)) {
    if (!isField(field)) {
      throw new SourceError(`There is no field ${field} to map: the fields are ${ACCOUNT_FIELDS.join(', ')}.`)
    }
    if (!isOpen && !columns.includes(column)) {
      throw new SourceError(`There is no column ${column}, which was mapped to ${field}: ${has}.`)
    }
    chosen.set(field, column)
  }
  const guessed: string[] = []
  for (const field of ACCOUNT_FIELDS) {
    const column = chosen.has(field) ? undefined : guess(field, columns, [...chosen.values()])
    if (column === undefined) continue
    chosen.set(field, column)
    if (column !== field) guessed.push(`${field} from ${column}`)
  }
  if (!chosen.has('email') && !chosen.has('username')) {
    throw new SourceError(
      `No column looks like an email address or a username: ${has}. Name them: --map email=COLUMN,username=COLUMN.`,
    )
  }
  const used = new Set([...chosen.values()].flatMap((column) => [column, column.split('.')[0] ?? column]))
  const unused = columns.filter((column) => !used.has(column))
  const closing = unused.filter((column) => CLOSES.test(simplify(column)))
  const notes = [
    ...(guessed.length === 0
      ? []
      : [`Taken by their names: ${guessed.join(', ')}. Where that is wrong, say --map FIELD=COLUMN.`]),
    ...(chosen.has('password')
      ? []
      : ['No column looks like a password hash: without --map password=COLUMN nobody can sign in before a reset.']),
    ...(unused.length === 0 ? [] : [`Left out: ${showSome(unused)}.`]),
    ...(closing.length === 0 ? [] : [wordClosing(closing)]),
  ]
  const pairs = [...chosen]
  return {
    columns: [...chosen.values()],
    idColumn: chosen.get('id') ?? null,
    notes,
    apply(row) {
      const fields: Record<string, unknown> = {}
      for (const [field, column] of pairs) {
        const value = find(row, column)
        if (value !== undefined) fields[field] = value
      }
      return fields
    },
  }
}

function guess(field: AccountField, columns: readonly string[], taken: readonly string[]): string | undefined {
  const free = columns.filter((column) => !taken.includes(column))
  for (const name of USUAL[field]) {
    const found = free.find((column) => simplify(column) === name)
    if (found !== undefined) return found
  }
  return undefined
}

function simplify(column: string): string {
  return column.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
}

function wordClosing(columns: readonly string[]): string {
  return (
    `Whoever is closed there by ${showSome(columns)} would be open here, as that is not read: leave those rows out, or give ` +
    'them a column is_active.'
  )
}

/** A member with exactly that name, or else one that is reached by its dots. */
function find(row: JsonObject, column: string): unknown {
  const direct = own(row, column)
  if (direct !== undefined || !column.includes('.')) return direct
  let value: unknown = row
  for (const name of column.split('.')) value = isObject(value) ? own(value, name) : undefined
  return value
}

function showSome(columns: readonly string[]): string {
  const most = 30
  if (columns.length <= most) return columns.join(', ')
  return `${columns.slice(0, most).join(', ')} and ${columns.length - most} more`
}

function isField(text: string): text is AccountField {
  return ACCOUNT_FIELDS.some((field) => field === text)
}
