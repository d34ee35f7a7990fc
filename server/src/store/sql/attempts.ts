import { type Kysely, sql, type Transaction } from 'kysely'
import { blockedUntilAfter, forgivableUpTo } from '../../core/attempt-rules.ts'
import type { AttemptBudget, AttemptStore } from '../../core/ports.ts'
import { atomically } from './atomically.ts'
import { BATCH, inBatches } from './in-batches.ts'
import type { Schema } from './schema.ts'

/**
 * Attempt counters. One statement both counts an attempt and decides whether it may go on, so two processes that ask
 * at the same moment are counted as two.
 */
export function createAttemptStore(db: Kysely<Schema>): AttemptStore {
  return {
    async takeAttempts(budgets, now) {
      // A flood is answered from a read: only an attempt that may go on opens a write.
      const blockedUntil = await findBlock(db, budgets, now)
      if (blockedUntil !== null) return { blockedUntil }
      try {
        await atomically(db, async (transaction) => {
          // In one order for all, so that two who count the same never wait for each other.
          for (const budget of inOrder(budgets)) await take(transaction, budget, now)
        })
        return { blockedUntil: null }
      } catch (error) {
        if (!(error instanceof Blocked)) throw error
        return { blockedUntil: (await findBlock(db, budgets, now)) ?? now + 1000 }
      }
    },

    async settleAttempts({ release, clear }) {
      if (release.length === 0) {
        await forget(db, clear)
        return
      }
      await atomically(db, async (transaction) => {
        await forget(transaction, clear)
        for (const { key, rule } of inOrder(release)) {
          await transaction
            .updateTable('attempts')
            .set(({ eb }) => ({
              count: eb('count', '-', 1),
              blocked_until: sql<number>`case when count - 1 < ${big(rule.limit)} then 0 else blocked_until end`,
            }))
            .where('key', '=', key)
            .where('count', '>', 0)
            .execute()
        }
      })
    },

    pruneAttempts: (before, keep) =>
      inBatches(() =>
        db
          .deleteFrom('attempts')
          .where('key', 'in', (query) =>
            query
              .selectFrom('attempts')
              .select('key')
              .where('last_at', '<', before)
              .where('blocked_until', '<', before)
              .where(({ eb, or }) => or([eb('count', '<', keep.from), eb('key', 'not like', `${keep.prefix}%`)]))
              .limit(BATCH),
          )
          // Once more, for one that was touched meanwhile.
          .where('last_at', '<', before)
          .executeTakeFirst(),
      ),
  }
}

/** PostgreSQL would take a value for as narrow as the column beside it. */
function big(value: number) {
  return sql<number>`cast(${value} as bigint)`
}

function inOrder(budgets: readonly AttemptBudget[]): AttemptBudget[] {
  return [...budgets].sort((left, right) => (left.key < right.key ? -1 : 1))
}

/** Rolls a transaction back from the inside. It never leaves this file. */
class Blocked extends Error {}

async function take(transaction: Transaction<Schema>, { key, rule }: AttemptBudget, now: number): Promise<void> {
  const startsAgain = sql<boolean>`(${big(now)} >= attempts.window_started_at + ${big(rule.window)}
    and (attempts.count < ${big(rule.limit)}
      or (attempts.count < ${big(forgivableUpTo(rule))} and ${big(now)} >= attempts.last_at + ${big(rule.quiet)})))`
  const counted = await transaction
    .insertInto('attempts')
    .values({ key, count: 1, window_started_at: now, last_at: now, blocked_until: 0 })
    .onConflict((conflict) =>
      conflict
        .column('key')
        .doUpdateSet({
          count: sql<number>`case when ${startsAgain} then 1 else attempts.count + 1 end`,
          window_started_at: sql<number>`case when ${startsAgain} then ${big(now)} else attempts.window_started_at end`,
          last_at: now,
        })
        .where('attempts.blocked_until', '<=', now),
    )
    .returning(['count', 'window_started_at'])
    .executeTakeFirst()
  if (counted === undefined) throw new Blocked()
  const count = Number(counted.count)
  const blockedUntil = blockedUntilAfter(rule, { count, windowStartedAt: Number(counted.window_started_at), now })
  if (blockedUntil === 0) return
  // The row is ours until the transaction ends: nobody counts between these two statements.
  await transaction.updateTable('attempts').set({ blocked_until: blockedUntil }).where('key', '=', key).execute()
}

async function findBlock(db: Kysely<Schema>, budgets: readonly AttemptBudget[], now: number): Promise<number | null> {
  const row = await db
    .selectFrom('attempts')
    .select(({ fn }) => fn.max('blocked_until').as('blocked_until'))
    .where(
      'key',
      'in',
      budgets.map(({ key }) => key),
    )
    .where('blocked_until', '>', now)
    .executeTakeFirst()
  return row === undefined || row.blocked_until === null ? null : Number(row.blocked_until)
}

async function forget(db: Kysely<Schema>, keys: readonly string[]): Promise<void> {
  if (keys.length > 0) await db.deleteFrom('attempts').where('key', 'in', keys).execute()
}
