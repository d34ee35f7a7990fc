import type { Kysely, Transaction } from 'kysely'
import type { ImportedAccount, ImportOutcome, ImportRefusal } from '../../core/ports.ts'
import { bringUpToDate, isNameChanged } from './bring-up-to-date.ts'
import type { Engine } from './dialect.ts'
import { findDeleted, findKnown, isSomebodyElse, isUntouched, type KnownRow } from './imported-rows.ts'
import { insertRows, type Target } from './insert-rows.ts'
import type { Schema } from './schema.ts'

const ACCOUNTS: Target = {
  table: 'accounts',
  columns: [
    'subject',
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
    'has_weak_password',
    'legacy_format',
    'takes_legacy_tokens',
    'created_at',
    'updated_at',
    'last_login_at',
  ],
  integers: [
    'email_verified',
    'is_active',
    'is_staff',
    'credential_version',
    'has_weak_password',
    'takes_legacy_tokens',
    'created_at',
    'updated_at',
    'last_login_at',
  ],
  unique: ['id'],
}
const ACCOUNTS_WITH_IDS: Target = {
  ...ACCOUNTS,
  columns: ['id', ...ACCOUNTS.columns],
  integers: ['id', ...ACCOUNTS.integers],
}
const NAMES: Target = {
  table: 'identifiers',
  columns: ['value', 'account_id', 'kind'],
  integers: ['account_id'],
  unique: ['value'],
}
const LEGACY_IDS: Target = {
  table: 'legacy_ids',
  columns: ['source', 'legacy_id', 'account_id', 'imported_at', 'imported_format', 'seen_at'],
  integers: ['account_id', 'imported_at', 'seen_at'],
  unique: ['source', 'legacy_id'],
}

/** Stands for an account of this batch that has no id yet. */
const NEW = -1
/** The credential version of a new account. */
const FIRST_VERSION = 1

/** Rolls a batch back from the inside, to be tried again: somebody else got one of its names or ids meanwhile. */
export class NameLost extends Error {}

/** Where a batch goes: all of it happens in this transaction. */
export type Into = { readonly db: Transaction<Schema>; readonly engine: Pick<Engine, 'eachOf' | 'passId'> }

type Batch = { readonly source: string; readonly accounts: readonly ImportedAccount[]; readonly now: number }

/**
 * Adds the accounts of a batch that are not known, and brings those up to date that are.
 *
 * @throws {NameLost} when somebody else registered one of its names at the same moment.
 */
export async function importBatch(into: Into, { source, accounts, now }: Batch): Promise<readonly ImportOutcome[]> {
  const legacyIds = accounts.map(({ legacyId }) => legacyId)
  const known = await findKnown(into, source, legacyIds)
  const owners = await findOwners(into, accounts)
  const ids = accounts.flatMap(({ id }) => (id === null ? [] : [id]))
  const usedIds = await findUsedIds(into.db, ids)
  const unknown = legacyIds.filter((id) => !known.has(id))
  const deleted = await findDeleted(into.db, source, unknown)
  const seen = new Set<string>()
  const outcomes: (ImportOutcome | null)[] = []
  const added: ImportedAccount[] = []
  for (const account of accounts) {
    const row = known.get(account.legacyId)
    const why = seen.has(account.legacyId) ? 'repeated' : findRefusal(account, { row, owners, usedIds, deleted, now })
    seen.add(account.legacyId)
    if (why !== null) {
      outcomes.push({ did: 'skipped', why })
      continue
    }
    for (const { value } of account.identifiers) owners.set(value, row?.id ?? NEW)
    if (row === undefined) {
      added.push(account)
      outcomes.push(null)
      continue
    }
    const outcome = await bringUpToDate(into, row, { account, now, claim: claimNames })
    if (outcome.did === 'updated') forgetOthers(owners, row.id, account)
    outcomes.push(outcome)
  }
  const contested = accounts.flatMap(({ legacyId }, index) => {
    const [row, outcome] = [known.get(legacyId), outcomes[index]]
    return row !== undefined && outcome?.did === 'skipped' && outcome.why === 'somebody_else' ? [row] : []
  })
  await note(into, contested, { source, what: { contested_at: now } })
  const others = [...known.values()].filter((row) => !contested.includes(row))
  await note(into, others, { source, what: { seen_at: now } })
  const given = await addAccounts(into, { source, accounts: added, now })
  return outcomes.map((outcome, index) => outcome ?? toOutcome(given.get(accounts[index]?.subject ?? '')))
}

/** What an account has given up is free for who comes after it. */
function forgetOthers(owners: Map<string, number>, id: number, { identifiers }: ImportedAccount): void {
  for (const [value, owner] of owners) {
    if (owner === id && !identifiers.some((kept) => kept.value === value)) owners.delete(value)
  }
}

/** By account and not by id: see `findKnown`. */
async function note(
  { db }: Into,
  rows: readonly KnownRow[],
  { source, what }: { source: string; what: { readonly seen_at: number } | { readonly contested_at: number } },
): Promise<void> {
  if (rows.length === 0) return
  const ids = rows.map(({ id }) => Number(id))
  await db.updateTable('legacy_ids').set(what).where('account_id', 'in', ids).where('source', '=', source).execute()
}

function toOutcome(accountId: number | undefined): ImportOutcome {
  return accountId === undefined ? { did: 'skipped', why: 'id_taken' } : { did: 'imported', accountId }
}

function findRefusal(
  account: ImportedAccount,
  context: {
    readonly row: KnownRow | undefined
    readonly owners: ReadonlyMap<string, number>
    readonly usedIds: ReadonlySet<number>
    readonly deleted: ReadonlySet<string>
    readonly now: number
  },
): ImportRefusal | null {
  const { row, owners, usedIds, deleted, now } = context
  if (deleted.has(account.legacyId)) return 'deleted_here'
  if (row !== undefined) {
    if (Number(row.seen_at) === now) return 'repeated'
    if (isSomebodyElse(row, account)) return 'somebody_else'
    if (!isUntouched(row) || !isNameChanged(row, account)) return null
  } else if (account.id !== null && usedIds.has(account.id)) return 'id_taken'
  const taken = account.identifiers.find(({ value }) => {
    const owner = owners.get(value)
    return owner !== undefined && owner !== row?.id
  })
  if (taken === undefined) return null
  return taken.kind === 'email' ? 'email_taken' : 'username_taken'
}

async function findOwners({ db }: Into, accounts: readonly ImportedAccount[]): Promise<Map<string, number>> {
  const values = accounts.flatMap(({ identifiers }) => identifiers.map(({ value }) => value))
  if (values.length === 0) return new Map()
  const rows = await db.selectFrom('identifiers').select(['value', 'account_id']).where('value', 'in', values).execute()
  return new Map(rows.map(({ value, account_id }) => [value, Number(account_id)]))
}

/** Which of these ids accounts have. */
export async function findUsedIds(db: Kysely<Schema>, ids: readonly number[]): Promise<ReadonlySet<number>> {
  if (ids.length === 0) return new Set()
  const rows = await db.selectFrom('accounts').select('id').where('id', 'in', ids).execute()
  return new Set(rows.map(({ id }) => Number(id)))
}

/** Says which account has which subject; one whose id somebody else was given meanwhile is missing. */
async function addAccounts(into: Into, { source, accounts, now }: Batch): Promise<ReadonlyMap<string, number>> {
  const highest = accounts.reduce((most, { id }) => Math.max(most, id ?? 0), 0)
  // First: who registers meanwhile is given no id that is about to be kept.
  if (highest > 0) await into.engine.passId(into.db, highest)
  const free = accounts.filter(({ id }) => id === null)
  const kept = accounts.filter(({ id }) => id !== null)
  const rows = [
    ...(await insertRows<AddedRow>(
      into,
      ACCOUNTS,
      free.map((account) => toRow(account, now)),
      ['id', 'subject'],
    )),
    ...(await insertRows<AddedRow>(
      into,
      ACCOUNTS_WITH_IDS,
      kept.map((account) => [account.id, ...toRow(account, now)]),
      ['id', 'subject'],
    )),
  ]
  const ids = new Map(rows.map(({ id, subject }) => [subject, Number(id)]))
  const names: Name[] = []
  const legacyIds: (string | number | null)[][] = []
  for (const { subject, identifiers, legacyId, legacyFormat } of accounts) {
    const id = ids.get(subject)
    if (id === undefined) continue
    for (const { value, kind } of identifiers) names.push([value, id, kind])
    legacyIds.push([source, legacyId, id, now, legacyFormat, now])
  }
  await claimNames(into, names)
  const noted = await insertRows<{ legacy_id: string }>(into, LEGACY_IDS, legacyIds, ['legacy_id'])
  if (noted.length !== legacyIds.length) throw new NameLost()
  return ids
}

type AddedRow = { id: number; subject: string }
type Name = readonly [value: string, accountId: number, kind: string]

async function claimNames(into: Into, names: readonly Name[]): Promise<void> {
  // In one order for all: of two who want the same two names neither waits for the other.
  const sorted = [...names].sort(([left], [right]) => (left < right ? -1 : 1))
  const claimed = await insertRows<{ value: string }>(into, NAMES, sorted, ['value'])
  if (claimed.length !== names.length) throw new NameLost()
}

function toRow(account: ImportedAccount, now: number): (string | number | null)[] {
  const { profile, isActive } = account
  return [
    account.subject,
    account.email,
    account.username,
    account.emailVerified ? 1 : 0,
    profile.name,
    profile.firstName,
    profile.lastName,
    profile.phoneNumber,
    isActive ? 1 : 0,
    account.isStaff ? 1 : 0,
    account.passwordHash,
    FIRST_VERSION,
    0,
    account.legacyFormat,
    // A back end takes no token of an account that it has disabled.
    isActive ? 1 : 0,
    account.createdAt,
    now,
    account.lastLoginAt,
  ]
}
