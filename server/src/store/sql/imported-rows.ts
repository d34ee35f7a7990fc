import { type Kysely, type Selectable, sql } from 'kysely'
import { normaliseIdentifier } from '../../core/identifier.ts'
import type { ImportedAccount } from '../../core/ports.ts'
import type { Engine } from './dialect.ts'
import type { AccountRow, Schema } from './schema.ts'

/** An account that an import or an adoption brought, with what was noted of it then. */
export type KnownRow = Omit<Selectable<AccountRow>, 'subject' | 'has_weak_password' | 'last_login_at'> & {
  readonly legacy_id: string
  readonly imported_at: number | null
  readonly imported_format: string | null
  readonly seen_at: number | null
}

const COLUMNS = [
  'id',
  'email',
  'username',
  'email_verified',
  'name',
  'first_name',
  'last_name',
  'phone_number',
  'is_active',
  'is_staff',
  'password_hash',
  'credential_version',
  'legacy_format',
  'takes_legacy_tokens',
  'created_at',
  'updated_at',
] as const

/** The accounts that a source's ids are known to belong to, by legacy id. */
export async function findKnown(
  { db, engine }: { db: Kysely<Schema>; engine: Pick<Engine, 'eachOf'> },
  source: string,
  legacyIds: readonly string[],
): Promise<Map<string, KnownRow>> {
  if (legacyIds.length === 0) return new Map()
  // One look-up for each: a list would be held against every row of the source where PostgreSQL thinks that it has few.
  const find = (column: string) =>
    sql`(select ${sql.ref(column)} from legacy_ids where source = ${source} and legacy_id = each.value ->> 0)`
  const { rows: noted } = await sql<Noted>`
    select * from (
      select each.value ->> 0 as legacy_id, ${find('account_id')} as account_id,
        ${find('imported_at')} as imported_at, ${find('imported_format')} as imported_format,
        ${find('seen_at')} as seen_at
      from ${sql.raw(engine.eachOf)}(${JSON.stringify(legacyIds.map((id) => [id]))}) as each
    ) as noted where account_id is not null`.execute(db)
  if (noted.length === 0) return new Map()
  const ids = noted.map(({ account_id }) => account_id)
  const rows = await db.selectFrom('accounts').where('id', 'in', ids).select(COLUMNS).execute()
  const accounts = new Map(rows.map((row) => [Number(row.id), row]))
  return new Map(
    noted.flatMap(({ account_id, ...note }): [string, KnownRow][] => {
      const account = accounts.get(Number(account_id))
      return account === undefined ? [] : [[note.legacy_id, { ...account, ...note }]]
    }),
  )
}

type Noted = Pick<KnownRow, 'legacy_id' | 'imported_at' | 'imported_format' | 'seen_at'> & {
  readonly account_id: number
}

/** Which of a source's ids belonged to accounts that were deleted here. */
export async function findDeleted(
  db: Kysely<Schema>,
  source: string,
  legacyIds: readonly string[],
): Promise<ReadonlySet<string>> {
  if (legacyIds.length === 0) return new Set()
  const rows = await db
    .selectFrom('deleted_legacy_ids')
    .select('legacy_id')
    .where('source', '=', source)
    .where('legacy_id', 'in', legacyIds)
    .execute()
  return new Set(rows.map(({ legacy_id }) => legacy_id))
}

/**
 * Whether a row with the id of an account is of somebody else: nothing that they were called is the same, and neither is
 * when they came. Two back ends have the same numbers.
 */
export function isSomebodyElse(row: KnownRow, { email, username, createdAt }: ImportedAccount): boolean {
  const names = [row.email, row.username].flatMap((name) => (name === null ? [] : [normaliseIdentifier(name)]))
  const isKnown = [email, username].some((name) => name !== null && names.includes(normaliseIdentifier(name)))
  return !isKnown && Number(row.created_at) !== createdAt
}

/** Whether nobody has changed the account here since it was imported: signing in is no change, and neither is an upgrade. */
export function isUntouched({ imported_at, updated_at }: KnownRow): boolean {
  return imported_at !== null && Number(imported_at) === Number(updated_at)
}

/** Whether the password is still the one that was imported, and not one that a login here has upgraded. */
export function takesPassword({ legacy_format, imported_format }: KnownRow): boolean {
  return legacy_format !== null || imported_format === null
}
