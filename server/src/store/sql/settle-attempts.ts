import { sql, type Transaction } from 'kysely'
import type { AttemptBudget, AttemptSettlement } from '../../core/ports.ts'
import type { Schema } from './schema.ts'

/** Gives one attempt back to each of `release`, and forgets the counters in `clear`, within the caller's transaction. */
export async function settleAttempts(
  transaction: Transaction<Schema>,
  { release, clear, takenAt = Number.MAX_SAFE_INTEGER }: AttemptSettlement,
): Promise<void> {
  if (clear.length > 0) await transaction.deleteFrom('attempts').where('key', 'in', clear).execute()
  for (const budget of release.toSorted((left, right) => (left.key < right.key ? -1 : 1))) {
    if (await isStillCounted(transaction, budget)) await giveBack(transaction, budget, takenAt)
  }
}

/** Of different things one is given back only while it is among those that were counted. */
async function isStillCounted(transaction: Transaction<Schema>, { key, distinct }: AttemptBudget): Promise<boolean> {
  if (distinct === undefined) return true
  const { numDeletedRows } = await transaction
    .deleteFrom('counted_names')
    .where('key', '=', key)
    .where('digest', '=', distinct)
    .executeTakeFirst()
  return numDeletedRows === 1n
}

async function giveBack(
  transaction: Transaction<Schema>,
  { key, rule }: AttemptBudget,
  takenAt: number,
): Promise<void> {
  await transaction
    .updateTable('attempts')
    .set(({ eb }) => ({
      count: eb('count', '-', 1),
      blocked_until: sql<number>`case when count - 1 < cast(${rule.limit} as bigint) then 0 else blocked_until end`,
    }))
    .where('key', '=', key)
    .where('count', '>', 0)
    .where('window_started_at', '<=', takenAt)
    .execute()
}
