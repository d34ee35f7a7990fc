import { type Kysely, sql, type Transaction } from 'kysely'
import { type AttemptRule, blockedUntilAfter } from '../../core/attempt-rules.ts'
import type { AttemptBudget, AttemptMatch, AttemptStore } from '../../core/ports.ts'
import { atomically } from './atomically.ts'
import { BATCH, inBatches } from './in-batches.ts'
import type { Schema } from './schema.ts'
import { settleAttempts } from './settle-attempts.ts'

/**
 * Attempt counters. One statement both counts an attempt and decides whether it may go on, so two processes that ask
 * at the same moment are counted as two.
 */
export function createAttemptStore(db: Kysely<Schema>): AttemptStore {
  return {
    async takeAttempts(budgets, now) {
      // A flood is answered from a read: only an attempt that may go on opens a write.
      const blocked = await findBlock(db, budgets, now)
      if (blocked !== null) return { blocked }
      try {
        await atomically(db, async (transaction) => {
          // In one order for all, so that two who count the same never wait for each other.
          for (const budget of inOrder(budgets)) await take(transaction, budget, now)
        })
        return { blocked: null }
      } catch (error) {
        if (!(error instanceof Blocked)) throw error
        return { blocked: (await findBlock(db, budgets, now)) ?? { key: error.key, until: now + 1000 } }
      }
    },

    async settleAttempts(settlement) {
      if (settlement.release.length + settlement.clear.length === 0) return
      await atomically(db, (transaction) => settleAttempts(transaction, settlement))
    },

    async listAttempts({ blockedAt, limit, ...match }) {
      const rows = await db
        .selectFrom('attempts')
        .selectAll()
        .where(matches(match))
        .$if(blockedAt !== undefined, (query) => query.where('blocked_until', '>', blockedAt ?? 0))
        .orderBy('blocked_until', 'desc')
        .orderBy('last_at', 'desc')
        .limit(limit)
        .execute()
      return rows.map((row) => ({
        key: row.key,
        count: Number(row.count),
        windowStartedAt: Number(row.window_started_at),
        lastAt: Number(row.last_at),
        blockedUntil: Number(row.blocked_until),
      }))
    },

    clearAttempts(match) {
      return atomically(db, async (transaction) => {
        const { numDeletedRows } = await transaction.deleteFrom('attempts').where(matches(match)).executeTakeFirst()
        await transaction.deleteFrom('counted_names').where(matches(match)).execute()
        return Number(numDeletedRows)
      })
    },

    async pruneAttempts(before, keep) {
      await inBatches(() =>
        db
          .deleteFrom('counted_names')
          .where('key', 'in', (query) =>
            query.selectFrom('counted_names').select('key').where('counted_at', '<', before).limit(BATCH),
          )
          .where('counted_at', '<', before)
          .executeTakeFirst(),
      )
      return inBatches(() =>
        db
          .deleteFrom('attempts')
          .where('key', 'in', (query) =>
            query
              .selectFrom('attempts')
              .select('key')
              .where('last_at', '<', before)
              .where('blocked_until', '<', before)
              .where(({ eb, or, and }) => {
                const isOther = keep.prefixes.map((prefix) => eb('key', 'not like', `${prefix}%`))
                return or([eb('count', '<', keep.from), and(isOther)])
              })
              .limit(BATCH),
          )
          // Once more, for one that was touched meanwhile.
          .where('last_at', '<', before)
          .executeTakeFirst(),
      )
    },
  }
}

/** PostgreSQL would take a value for as narrow as the column beside it. */
function big(value: number) {
  return sql<number>`cast(${value} as bigint)`
}

function matches(match: AttemptMatch) {
  if ('keys' in match) return sql<boolean>`key in (${sql.join(match.keys)})`
  // Counted by characters: a prefix may hold what LIKE takes for a pattern.
  return sql<boolean>`substr(key, 1, cast(${match.prefix.length} as integer)) = ${match.prefix}`
}

function inOrder(budgets: readonly AttemptBudget[]): AttemptBudget[] {
  return [...budgets].sort((left, right) => compare(left.key, right.key) || compare(left.distinct, right.distinct))
}

function compare(left = '', right = ''): number {
  if (left === right) return 0
  return left < right ? -1 : 1
}

/** Rolls a transaction back from the inside. It never leaves this file. */
class Blocked extends Error {
  readonly key: string

  constructor(key: string) {
    super()
    this.key = key
  }
}

async function take(transaction: Transaction<Schema>, budget: AttemptBudget, now: number): Promise<void> {
  if (budget.distinct === undefined) await count(transaction, budget, now)
  else await countDistinct(transaction, { ...budget, distinct: budget.distinct }, now)
}

async function count(transaction: Transaction<Schema>, { key, rule }: AttemptBudget, now: number): Promise<number> {
  const startsAgain = startsAgainAt(rule, now)
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
  if (counted === undefined) throw new Blocked(key)
  const windowStartedAt = Number(counted.window_started_at)
  const blockedUntil = blockedUntilAfter(rule, { count: Number(counted.count), windowStartedAt, now })
  if (blockedUntil !== 0) {
    // The row is ours until the transaction ends: nobody counts between these two statements.
    await transaction.updateTable('attempts').set({ blocked_until: blockedUntil }).where('key', '=', key).execute()
  }
  return windowStartedAt
}

function startsAgainAt(rule: AttemptRule, now: number) {
  const isOver = sql<boolean>`${big(now)} >= attempts.window_started_at + ${big(rule.window)}`
  if (rule.whenUsedUp === 'wait') return isOver
  return sql<boolean>`(${isOver}
    and (attempts.count < ${big(rule.limit)}
      or (attempts.count < ${big(rule.consecutive)} and ${big(now)} >= attempts.last_at + ${big(rule.quiet)})))`
}

/**
 * Counts a thing unless it was counted before in this window. The counter is taken first, so that nobody else counts the
 * same thing meanwhile, and gets its attempt back when the thing is no new one.
 */
async function countDistinct(
  transaction: Transaction<Schema>,
  budget: AttemptBudget & { readonly distinct: string },
  now: number,
): Promise<void> {
  const { key, distinct } = budget
  await transaction
    .insertInto('attempts')
    .values({ key, count: 0, window_started_at: now, last_at: now, blocked_until: 0 })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ last_at: now }))
    .execute()
  const known = await transaction
    .selectFrom('counted_names')
    .innerJoin('attempts', 'attempts.key', 'counted_names.key')
    .select('counted_names.key')
    .where('counted_names.key', '=', key)
    .where('counted_names.digest', '=', distinct)
    .where('attempts.window_started_at', '>', now - budget.rule.window)
    .whereRef('counted_names.counted_at', '>=', 'attempts.window_started_at')
    .executeTakeFirst()
  if (known !== undefined) return
  const windowStartedAt = await count(transaction, budget, now)
  if (windowStartedAt === now) {
    // What was counted in the windows before is of no use: so a counter never has more of them than its limit.
    await transaction.deleteFrom('counted_names').where('key', '=', key).where('counted_at', '<', now).execute()
  }
  await transaction
    .insertInto('counted_names')
    .values({ key, digest: distinct, counted_at: now })
    .onConflict((conflict) => conflict.columns(['key', 'digest']).doUpdateSet({ counted_at: now }))
    .execute()
}

/** The budget that blocks for longest. A thing that was counted before in the same window is blocked by nothing. */
async function findBlock(
  db: Kysely<Schema>,
  budgets: readonly AttemptBudget[],
  now: number,
): Promise<{ key: string; until: number } | null> {
  const keys = budgets.map(({ key }) => key)
  const rows = await db
    .selectFrom('attempts')
    .select(['key', 'blocked_until', 'window_started_at'])
    .where('key', 'in', keys)
    .where('blocked_until', '>', now)
    .orderBy('blocked_until', 'desc')
    .execute()
  for (const { key, blocked_until, window_started_at } of rows) {
    const mine = budgets.filter((budget) => budget.key === key)
    if (await areCounted(db, mine, Number(window_started_at))) continue
    return { key, until: Number(blocked_until) }
  }
  return null
}

/** Whether all that is to be counted here are things, and each of them was counted since the window began. */
async function areCounted(
  db: Kysely<Schema>,
  budgets: readonly AttemptBudget[],
  windowStartedAt: number,
): Promise<boolean> {
  const things = new Set(budgets.map(({ distinct }) => distinct))
  const digests = [...things].filter((thing) => thing !== undefined)
  const [first] = budgets
  if (first === undefined || digests.length < things.size) return false
  const counted = await db
    .selectFrom('counted_names')
    .select('digest')
    .where('key', '=', first.key)
    .where('digest', 'in', digests)
    .where('counted_at', '>=', windowStartedAt)
    .execute()
  return counted.length === things.size
}
