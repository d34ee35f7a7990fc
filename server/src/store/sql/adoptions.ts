import { type Kysely, sql, type Transaction } from 'kysely'
import { type Identifier, normaliseIdentifier } from '../../core/identifier.ts'
import { DEFAULT_SOURCE } from '../../core/legacy-port.ts'
import type { Adoption, AdoptionOutcome, AdoptionStore, LegacyAnswers } from '../../core/ports.ts'
import { sortNames, toNameRow, toNewRow } from './accounts.ts'
import { atomically } from './atomically.ts'
import { findDeleted } from './imported-rows.ts'
import { isImportedSource } from './imported-sources.ts'
import { removeSessions } from './remove-sessions.ts'
import { ACCOUNT_COLUMNS, toAccount } from './rows.ts'
import type { Schema } from './schema.ts'

/** Accounts that were moved in at a login, and what old servers answered. */
export function createAdoptionStore(db: Kysely<Schema>): AdoptionStore {
  return {
    async adoptAccount(adoption) {
      try {
        return await atomically(db, (transaction) => adopt(transaction, adoption))
      } catch (error) {
        if (!(error instanceof Lost)) throw error
        // Whoever was quicker may have moved the same account in by another of its names.
        return { account: null, owner: error.owner ?? (await findKnown(db, adoption)) }
      }
    },

    async listLegacyIds(accountId) {
      const rows = await db
        .selectFrom('legacy_ids')
        .select(['source', 'legacy_id'])
        .where('account_id', '=', accountId)
        .execute()
      return rows.map(({ source, legacy_id }) => ({ source, legacyId: legacy_id }))
    },

    async countLegacyAnswers(counts) {
      if (counts.length === 0) return
      await db
        .insertInto('legacy_answers')
        .values(counts.map(({ contract, outcome, count, lastAt }) => ({ contract, outcome, count, last_at: lastAt })))
        .onConflict((conflict) =>
          conflict.columns(['contract', 'outcome']).doUpdateSet({
            count: sql`legacy_answers.count + excluded.count`,
            last_at: sql`excluded.last_at`,
          }),
        )
        .execute()
    },

    async listLegacyAnswers() {
      const rows = await db.selectFrom('legacy_answers').selectAll().orderBy('contract').execute()
      const contracts = [...new Set(rows.map(({ contract }) => contract))]
      return contracts.map((contract): LegacyAnswers => {
        const find = (outcome: string) => rows.find((row) => row.contract === contract && row.outcome === outcome)
        const count = (outcome: string) => Number(find(outcome)?.count ?? 0)
        const adopted = find('adopted')
        return {
          contract,
          accepted: count('accepted'),
          adopted: count('adopted'),
          refused: count('refused'),
          unavailable: count('unavailable'),
          lastAdoptedAt: adopted === undefined ? null : Number(adopted.last_at),
        }
      })
    },
  }
}

/** Rolls an adoption back from the inside. It never leaves this file. */
class Lost extends Error {
  readonly owner: number | null

  constructor(owner: number | null) {
    super()
    this.owner = owner
  }
}

async function adopt(transaction: Transaction<Schema>, adoption: Adoption): Promise<AdoptionOutcome> {
  const { account, typed, sources, legacyId } = adoption
  const known = await findKnown(transaction, adoption)
  if (known !== null) throw new Lost(known)
  if (await isDeleted(transaction, adoption)) throw new Lost(null)
  const handedOver = await takeBack(transaction, adoption)
  // Its names are not known before they are its own.
  const { id } = await transaction
    .insertInto('accounts')
    .values({ ...toNewRow({ ...account, email: null, username: null }), takes_legacy_tokens: 1 })
    .returning('id')
    .executeTakeFirstOrThrow()
  const own = await claimFree(transaction, Number(id), account.identifiers)
  if (!own.has(typed)) throw new Lost(null)
  if (legacyId !== null) {
    const rows = sources.map((source) => ({ source, legacy_id: legacyId, account_id: Number(id) }))
    const { numInsertedOrUpdatedRows } = await transaction
      .insertInto('legacy_ids')
      .values(rows)
      .onConflict((conflict) => conflict.columns(['source', 'legacy_id']).doNothing())
      .executeTakeFirstOrThrow()
    if (Number(numInsertedOrUpdatedRows) !== rows.length) throw new Lost(null)
  }
  const keep = (name: string | null) => (name !== null && own.has(normaliseIdentifier(name)) ? name : null)
  const row = await transaction
    .updateTable('accounts')
    .set({ email: keep(account.email), username: keep(account.username) })
    .where('id', '=', id)
    .returning(ACCOUNT_COLUMNS)
    .executeTakeFirstOrThrow()
  return { account: toAccount(row), handedOver }
}

/** Whether it was here already, and was deleted: a login does not bring it back. */
async function isDeleted(
  db: Kysely<Schema>,
  { sources, legacyId }: Pick<Adoption, 'sources' | 'legacyId'>,
): Promise<boolean> {
  if (legacyId === null) return false
  for (const source of sources) {
    if ((await findDeleted(db, source, [legacyId])).size > 0) return true
  }
  return false
}

/** The account that is here already by what its sources call it, or `null`. */
async function findKnown(
  db: Kysely<Schema>,
  { sources, legacyId }: Pick<Adoption, 'sources' | 'legacyId'>,
): Promise<number | null> {
  if (legacyId === null) return null
  const inOrder = [...sources, DEFAULT_SOURCE]
  const rows = await db
    .selectFrom('legacy_ids')
    .select(['source', 'account_id'])
    .where('source', 'in', inOrder)
    .where('legacy_id', '=', legacyId)
    .execute()
  const [known] = inOrder.flatMap((name) => rows.filter(({ source }) => source === name))
  if (known === undefined) return null
  // Whose the ids of a source are that was imported is known: elsewhere they mean somebody else.
  for (const source of known.source === DEFAULT_SOURCE ? sources : []) {
    if (await isImportedSource(db, source)) return null
  }
  return Number(known.account_id)
}

/**
 * Takes the name back that was typed, where somebody has only claimed it: of no other name was it proved whose it is, and
 * many back ends let anybody put any address beside their own. An address that a letter proved is more than claimed.
 * Whoever loses a name is signed out and loses the letters that were on their way to it.
 *
 * @returns who lost a name.
 */
async function takeBack(transaction: Transaction<Schema>, { typed }: Adoption): Promise<readonly number[]> {
  const loser = await transaction
    .selectFrom('identifiers')
    .innerJoin('accounts', 'accounts.id', 'identifiers.account_id')
    .select(['accounts.id', 'accounts.email', 'accounts.username'])
    .where('identifiers.value', '=', typed)
    .where('identifiers.is_claimed', '=', 1)
    .where(({ eb, or }) => or([eb('identifiers.kind', '!=', 'email'), eb('accounts.email_verified', '=', 0)]))
    .executeTakeFirst()
  if (loser === undefined) return []
  await release(transaction, loser, typed)
  return [Number(loser.id)]
}

async function release(
  transaction: Transaction<Schema>,
  { id, email, username }: { id: number; email: string | null; username: string | null },
  lost: Identifier,
): Promise<void> {
  const keep = (name: string | null) => (name === null || normaliseIdentifier(name) === lost ? null : name)
  await transaction
    .updateTable('accounts')
    .set(({ eb }) => ({
      email: keep(email),
      username: keep(username),
      credential_version: eb('credential_version', '+', 1),
    }))
    .where('id', '=', id)
    .execute()
  await transaction.deleteFrom('identifiers').where('account_id', '=', id).where('value', '=', lost).execute()
  await removeSessions(transaction, ({ eb }) => eb('account_id', '=', id))
  for (const table of ['one_time_tokens', 'letters'] as const) {
    await transaction.deleteFrom(table).where('account_id', '=', id).execute()
  }
  await transaction
    .updateTable('accounts')
    .set({ is_active: 0 })
    .where('id', '=', id)
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom('identifiers').select('value').where('identifiers.account_id', '=', id))),
    )
    .execute()
}

/** Claims those names that nobody has, in the one order. */
async function claimFree(
  transaction: Transaction<Schema>,
  accountId: number,
  names: Adoption['account']['identifiers'],
): Promise<ReadonlySet<Identifier | string>> {
  const rows = await transaction
    .insertInto('identifiers')
    .values(sortNames(names).map((name) => toNameRow(accountId, name)))
    .onConflict((conflict) => conflict.column('value').doNothing())
    .returning('value')
    .execute()
  return new Set(rows.map(({ value }) => value))
}
