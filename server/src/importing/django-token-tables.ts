import type { Database, TableDescription } from './database.ts'
import type { Row } from './source.ts'

/** A table and how its rows are read. */
export type Table = {
  readonly name: string
  /** The column that says where a row is: it is shown, so it is no secret. */
  readonly key: string
  /** A column that tells rows apart which have the same key. */
  readonly tie?: string
  /** All before `where`. */
  readonly select: string
  toRow(row: Readonly<Record<string, unknown>>): Pick<Row, 'kind' | 'fields'>
}

/** Tables of the tokens that Django REST Framework, django-rest-knox and SimpleJWT gave out: those that are there. */
export async function findTokenTables(database: Database): Promise<readonly Table[]> {
  const tables: Table[] = []
  const drf = await database.describe('authtoken_token')
  // Its primary key is the token itself. Everybody has one of them, unless somebody changed the table.
  if (drf !== null) {
    tables.push({ ...tokensOf('authtoken_token', 'authtoken', 'user_id', drf, ['key', 'created']), tie: 'key' })
  }
  const knox = await database.describe('knox_authtoken')
  if (knox !== null) {
    tables.push(
      tokensOf('knox_authtoken', 'knox', 'digest', knox, ['digest', 'token_key', 'salt', 'created', 'expiry']),
    )
  }
  const outstanding = await database.describe('token_blacklist_outstandingtoken')
  if (outstanding !== null) {
    const isListed = (await database.describe('token_blacklist_blacklistedtoken')) !== null
    tables.push(withBlacklist(outstanding, isListed))
  }
  return tables
}

function tokensOf(
  name: string,
  kind: Row['kind'],
  key: string,
  { columns }: TableDescription,
  wanted: readonly string[],
): Table {
  const read = wanted.filter((column) => columns.includes(column))
  return {
    name,
    key,
    select: `select ${read.join(', ')}, user_id from ${name}`,
    toRow: ({ user_id: user, ...fields }) => ({ kind, fields: { user, ...fields } }),
  }
}

function withBlacklist(outstanding: TableDescription, isListed: boolean): Table {
  const name = 'token_blacklist_outstandingtoken'
  const wanted = ['id', 'jti', 'token', 'created_at', 'expires_at']
  const { select } = tokensOf(name, 'outstanding', 'id', outstanding, wanted)
  const blacklisted = 'exists (select 1 from token_blacklist_blacklistedtoken b where b.token_id = o.id)'
  return {
    name,
    key: 'id',
    select: select.replace(` from ${name}`, `, ${isListed ? blacklisted : '0'} as is_blacklisted from ${name} o`),
    toRow: ({ user_id: user, is_blacklisted: isBlacklisted, ...fields }) => ({
      kind: isBlacklisted === true || isBlacklisted === 1 ? 'blacklisted' : 'outstanding',
      fields: { user, ...fields },
    }),
  }
}
