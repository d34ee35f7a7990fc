import { type Kysely, sql, type Transaction } from 'kysely'
import type { Account, Credential } from '../../core/account.ts'
import type { Identifier, IdentifierKind } from '../../core/identifier.ts'
import type { AccountStore, NamedIdentifier, NewAccount } from '../../core/ports.ts'
import { atomically } from './atomically.ts'
import type { Engine } from './dialect.ts'
import { lockAccount } from './lock-account.ts'
import { createPasswordStore } from './passwords.ts'
import { prepare } from './prepared.ts'
import { removeSessions } from './remove-sessions.ts'
import { ACCOUNT_COLUMNS, toAccount } from './rows.ts'
import type { Schema } from './schema.ts'

/** Accounts and their names. The primary key of `identifiers` decides who has a name; nothing else does. */
export function createAccountStore(db: Kysely<Schema>, engine: Pick<Engine, 'readNow'>): AccountStore {
  const selectCredential = prepare({ db, engine }, (db) =>
    db
      .selectFrom('identifiers')
      .innerJoin('accounts', 'accounts.id', 'identifiers.account_id')
      .where('identifiers.value', '=', '')
      .select([...ACCOUNT_COLUMNS, 'accounts.password_hash', 'accounts.credential_version'])
      .select(['identifiers.kind', 'identifiers.is_claimed']),
  )
  const selectCredentialById = prepare({ db, engine }, (db) =>
    db
      .selectFrom('accounts')
      .where('accounts.id', '=', 0)
      .select([...ACCOUNT_COLUMNS, 'accounts.password_hash', 'accounts.credential_version']),
  )

  return {
    ...createPasswordStore(db),

    async createAccount(account) {
      return orTaken(db, account.identifiers, null, async (transaction) => {
        const row = await transaction
          .insertInto('accounts')
          .values(toNewRow(account))
          .returning(ACCOUNT_COLUMNS)
          .executeTakeFirstOrThrow()
        await claimNames(transaction, toAccount(row).id, account.identifiers)
        return toAccount(row)
      })
    },

    async findTaken(identifiers) {
      return findOwned(db, identifiers, null)
    },

    async findCredential(identifier) {
      const [row] = await selectCredential(identifier)
      if (row === undefined) return null
      return { ...toCredential(row), kind: toKind(row.kind), isClaimed: Number(row.is_claimed) === 1 }
    },

    async findCredentialById(accountId) {
      const [row] = await selectCredentialById(accountId)
      return row === undefined ? null : toCredential(row)
    },

    async findAccount(reference) {
      const [row] = await (reference.by === 'id'
        ? selectCredentialById(reference.id)
        : selectCredential(reference.identifier))
      return row === undefined ? null : toAccount(row)
    },

    async listAccounts({ after, limit, isWeakOnly = false }) {
      const rows = await db
        .selectFrom('accounts')
        .select(ACCOUNT_COLUMNS)
        .where('id', '>', after)
        .$if(isWeakOnly, (query) => query.where('has_weak_password', '=', 1))
        .orderBy('id')
        .limit(limit)
        .execute()
      return rows.map(toAccount)
    },

    async setActive(accountId, isActive, now) {
      return atomically(db, async (transaction) => {
        const row = await transaction
          .updateTable('accounts')
          .set(({ eb }) => ({
            is_active: isActive ? 1 : 0,
            credential_version: eb('credential_version', '+', isActive ? 0 : 1),
            ...(isActive ? {} : { takes_legacy_tokens: 0 }),
            updated_at: now,
          }))
          .where('id', '=', accountId)
          .returning([...ACCOUNT_COLUMNS, 'credential_version'])
          .executeTakeFirst()
        if (row === undefined) return null
        // Sessions of a disabled account stay, so that their tokens are told why; enabling it again removes them.
        if (isActive) {
          await removeSessions(transaction, ({ eb, and }) =>
            and([eb('account_id', '=', accountId), eb('credential_version', '!=', row.credential_version)]),
          )
        }
        return toAccount(row)
      })
    },

    async updateProfile({ accountId, firstName, lastName, username, now }) {
      const names = username?.identifiers ?? []
      return orTaken(db, names, accountId, async (transaction) => {
        const row = await transaction
          .updateTable('accounts')
          .set({
            updated_at: now,
            ...(firstName === undefined ? {} : { first_name: firstName }),
            ...(lastName === undefined ? {} : { last_name: lastName }),
            ...(firstName === undefined && lastName === undefined ? {} : { name: fullName(firstName, lastName) }),
            ...(username === undefined ? {} : { username: username.shown === '' ? null : username.shown }),
          })
          .where('id', '=', accountId)
          .returning(ACCOUNT_COLUMNS)
          .executeTakeFirst()
        if (row === undefined) return null
        if (username !== undefined) {
          const before = await transaction
            .deleteFrom('identifiers')
            .where('account_id', '=', accountId)
            .returning(['value', 'is_claimed'])
            .execute()
          // A name that stays is as sure as it was.
          const claimed = new Map(before.map(({ value, is_claimed }) => [value, Number(is_claimed) === 1]))
          const kept = names.map((name) => ({ ...name, isClaimed: claimed.get(name.value) ?? name.isClaimed ?? false }))
          await claimNames(transaction, accountId, kept)
        }
        return toAccount(row)
      })
    },

    async deleteAccount(accountId) {
      return atomically(db, async (transaction) => {
        await lockAccount(transaction, accountId)
        await removeSessions(transaction, ({ eb }) => eb('account_id', '=', accountId))
        await transaction
          .insertInto('deleted_legacy_ids')
          .columns(['source', 'legacy_id'])
          .expression((query) =>
            query.selectFrom('legacy_ids').select(['source', 'legacy_id']).where('account_id', '=', accountId),
          )
          .onConflict((conflict) => conflict.columns(['source', 'legacy_id']).doNothing())
          .execute()
        const { numDeletedRows } = await transaction
          .deleteFrom('accounts')
          .where('id', '=', accountId)
          .executeTakeFirst()
        // Foreign keys do the same; not every database that speaks PostgreSQL's protocol has them.
        for (const table of ['identifiers', 'one_time_tokens', 'letters', 'known_networks', 'legacy_ids'] as const) {
          await transaction.deleteFrom(table).where('account_id', '=', accountId).execute()
        }
        return numDeletedRows === 1n
      })
    },
  }
}

/** Of a name that is not given, what stands in the row counts: somebody else may be changing it. */
function fullName(firstName: string | undefined, lastName: string | undefined) {
  const first = firstName === undefined ? sql.ref('first_name') : sql`cast(${firstName} as text)`
  const last = lastName === undefined ? sql.ref('last_name') : sql`cast(${lastName} as text)`
  return sql<string>`trim(${first} || ' ' || ${last})`
}

/** Rolls a transaction back from the inside. It never leaves this file. */
class NameTaken extends Error {}

async function orTaken(
  db: Kysely<Schema>,
  names: readonly NamedIdentifier[],
  owner: number | null,
  change: (transaction: Transaction<Schema>) => Promise<Account | null>,
): Promise<{ account: Account | null; taken: readonly Identifier[] }> {
  try {
    return { account: await atomically(db, change), taken: [] }
  } catch (error) {
    if (!(error instanceof NameTaken)) throw error
    const values = names.map(({ value }) => value)
    const taken = await findOwned(db, values, owner)
    // Whoever had the name may have gone since; it was taken when it mattered.
    return { account: null, taken: taken.length > 0 ? taken : values }
  }
}

async function claimNames(
  transaction: Transaction<Schema>,
  accountId: number,
  names: readonly NamedIdentifier[],
): Promise<void> {
  if (names.length === 0) return
  const { numInsertedOrUpdatedRows } = await transaction
    .insertInto('identifiers')
    // In one order for all: of two who want the same two names neither waits for the other.
    .values(sortNames(names).map((name) => toNameRow(accountId, name)))
    .onConflict((conflict) => conflict.column('value').doNothing())
    .executeTakeFirstOrThrow()
  if (Number(numInsertedOrUpdatedRows) !== names.length) throw new NameTaken()
}

/** How a name is kept. */
export function toNameRow(accountId: number, { value, kind, isClaimed = false }: NamedIdentifier) {
  return { value, kind, account_id: accountId, is_claimed: isClaimed ? 1 : 0 }
}

/** In the one order in which names are claimed. */
export function sortNames(names: readonly NamedIdentifier[]): NamedIdentifier[] {
  return [...names].sort((left, right) => (left.value < right.value ? -1 : 1))
}

async function findOwned(
  db: Kysely<Schema>,
  identifiers: readonly Identifier[],
  except: number | null,
): Promise<Identifier[]> {
  if (identifiers.length === 0) return []
  const rows = await db
    .selectFrom('identifiers')
    .select('value')
    .where('value', 'in', identifiers)
    .where('account_id', '!=', except ?? 0)
    .execute()
  const owned = new Set(rows.map(({ value }) => value))
  return identifiers.filter((identifier) => owned.has(identifier))
}

/** How a new account is kept. */
export function toNewRow(account: NewAccount) {
  return {
    subject: account.subject,
    email: account.email,
    username: account.username,
    email_verified: 0,
    name: account.profile.name,
    first_name: account.profile.firstName,
    last_name: account.profile.lastName,
    phone_number: account.profile.phoneNumber,
    is_active: account.isActive ? 1 : 0,
    is_staff: account.isStaff ? 1 : 0,
    has_weak_password: account.hasWeakPassword ? 1 : 0,
    password_hash: account.passwordHash,
    credential_version: account.credentialVersion,
    created_at: account.createdAt,
    updated_at: account.createdAt,
    last_login_at: null,
  }
}

function toKind(text: string): IdentifierKind {
  if (text === 'email' || text === 'username') return text
  throw new Error(`A name of unknown kind ${text} is in the database.`)
}

function toCredential(
  row: Parameters<typeof toAccount>[0] & { password_hash: string | null; credential_version: number },
): Credential {
  return {
    account: toAccount(row),
    passwordHash: row.password_hash,
    credentialVersion: Number(row.credential_version),
  }
}
