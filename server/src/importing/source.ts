/** What a row is of. Besides accounts, back ends have tables of the tokens that they gave out. */
export type RowKind = 'account' | 'authtoken' | 'knox' | 'outstanding' | 'blacklisted'

/** The fields of an account that are read, by the name that they have from here on: others are left where they are. */
export const ACCOUNT_FIELDS = [
  'id',
  'email',
  'username',
  'password',
  'salt',
  'first_name',
  'last_name',
  'name',
  'phone_number',
  'is_active',
  'is_staff',
  'is_superuser',
  'groups',
  'email_verified',
  'date_joined',
  'last_login',
] as const

/** A field of an account. */
export type AccountField = (typeof ACCOUNT_FIELDS)[number]

/**
 * A row as another back end had it. Nothing in it has been judged: a value may be of any type that JSON has. Times are
 * text with a zone (RFC 3339), or whatever a file had instead.
 *
 * Of tokens these fields are told: of `authtoken` key, user, created; of `knox` digest, token_key, salt, user, created,
 * expiry; of `outstanding` and of `blacklisted` id, user, jti, token, created_at, expires_at. `user` is the id of an
 * account; what is blacklisted is not told as outstanding too.
 */
export type Row = {
  /** Where it is: the line or the number of an object in a file, a table and a key in a database. */
  readonly line: number | string
  readonly kind: RowKind
  readonly fields: Readonly<Record<string, unknown>>
}

/** Something that should have been a row and could not be read. `problem` continues a sentence: "Line 7 is not JSON." */
export type BadRow = { readonly line: number | string; readonly problem: string }

/** One or the other. */
export type RawRow = Row | BadRow

/** How far reading had come: so many rows, bad ones too, and where the last of them was. */
export type Place = { readonly rows: number; readonly line: number | string }

/** The ways of writing that are understood. */
export const FORMATS = ['django', 'csv', 'jsonl', 'mongo', 'firebase', 'auth0', 'keycloak'] as const

/** One of `FORMATS`. */
export type Format = (typeof FORMATS)[number]

/** Where accounts are read from: a file, or a database that is alive. */
export type Source = {
  /** What it is, for people: `a Django dump (JSON)`. */
  readonly description: string
  readonly format: Format | 'database'
  /** What an operator should read before anything is done, a sentence each: which columns were taken for what, which for nothing. */
  readonly notes: readonly string[]
  /** How much of it the newest `rows` has read. */
  progress(): { readonly done: number; readonly total: number; readonly unit: 'bytes' | 'rows' }
  /**
   * Its rows, accounts first; with `after`, those that come after that place. It may be asked for again when it is done.
   *
   * @throws {SourceError} when it cannot be read to its end.
   */
  rows(after?: Place): AsyncGenerator<RawRow>
  close(): Promise<void>
}

/** What is wrong with a source as a whole: its message is a sentence for the operator. */
export class SourceError extends Error {}
