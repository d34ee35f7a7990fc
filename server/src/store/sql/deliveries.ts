import { type Kysely, sql } from 'kysely'
import type { DeliveryStore } from '../../core/ports.ts'
import { toAuditEntry } from './audit-rows.ts'
import { BATCH, inBatches } from './in-batches.ts'
import type { Schema } from './schema.ts'

/** Which entries of the audit log webhooks have yet to be told. The entries themselves stay where they are. */
export function createDeliveryStore(db: Kysely<Schema>): DeliveryStore {
  return {
    async takeDueDeliveries({ now, lease, limit }) {
      const taken = await db
        .updateTable('webhook_deliveries')
        .set(({ eb }) => ({
          tries: eb('tries', '+', 1),
          due_at: sql<number>`cast(${now} as bigint) + cast(${lease} as bigint) * (1 << tries)`,
        }))
        .where('due_at', '<=', now)
        .where('id', 'in', (query) =>
          query
            .selectFrom('webhook_deliveries')
            .select('id')
            .where('due_at', '<=', now)
            .orderBy('due_at')
            .orderBy('id')
            .limit(limit),
        )
        .returning(['id', 'seq', 'tries'])
        .execute()
      if (taken.length === 0) return []
      const sequences = taken.map(({ seq }) => Number(seq))
      const rows = await db.selectFrom('audit_log').selectAll().where('seq', 'in', sequences).execute()
      const entries = new Map(rows.map((row) => [Number(row.seq), toAuditEntry(row)]))
      const due = taken.map(({ id, seq, tries }) => ({
        id: Number(id),
        tries: Number(tries),
        entry: entries.get(Number(seq)) ?? null,
      }))
      // Pruned meanwhile, or somebody took it out: there is nothing to be told any more.
      const lost = due.filter(({ entry }) => entry === null).map(({ id }) => id)
      if (lost.length > 0) await db.deleteFrom('webhook_deliveries').where('id', 'in', lost).execute()
      return due
        .flatMap(({ id, tries, entry }) => (entry === null ? [] : [{ id, tries, entry }]))
        .sort((a, b) => a.entry.seq - b.entry.seq)
    },

    async removeDelivery(id) {
      await db.deleteFrom('webhook_deliveries').where('id', '=', id).execute()
    },

    async listDeliveries(limit) {
      const rows = await db
        .selectFrom('webhook_deliveries')
        .leftJoin('audit_log', 'audit_log.seq', 'webhook_deliveries.seq')
        .select(['webhook_deliveries.seq', 'webhook_deliveries.tries', 'webhook_deliveries.due_at'])
        .select(['audit_log.type', 'audit_log.at'])
        .orderBy('webhook_deliveries.id')
        .limit(limit)
        .execute()
      return rows.map(({ seq, tries, due_at, type, at }) => ({
        seq: Number(seq),
        tries: Number(tries),
        dueAt: Number(due_at),
        type,
        at: at === null ? null : Number(at),
      }))
    },

    async countDeliveries() {
      const row = await db
        .selectFrom('webhook_deliveries')
        .select(({ fn, eb }) => [
          fn.countAll().as('waiting'),
          fn.sum<number | string | null>(eb.case().when('tries', '>', 0).then(1).else(0).end()).as('retried'),
        ])
        .executeTakeFirstOrThrow()
      return { waiting: Number(row.waiting), retried: Number(row.retried ?? 0) }
    },

    async pruneDeliveries({ before, most }) {
      const overdue = await inBatches(() =>
        db
          .deleteFrom('webhook_deliveries')
          .where('id', 'in', (query) =>
            query.selectFrom('webhook_deliveries').select('id').where('due_at', '<=', before).limit(BATCH),
          )
          .executeTakeFirst(),
      )
      const last = await db
        .selectFrom('webhook_deliveries')
        .select('id')
        .orderBy('id', 'desc')
        .limit(1)
        .offset(most)
        .executeTakeFirst()
      if (last === undefined) return overdue
      const surplus = await inBatches(() =>
        db
          .deleteFrom('webhook_deliveries')
          .where('id', 'in', (query) =>
            query.selectFrom('webhook_deliveries').select('id').where('id', '<=', last.id).limit(BATCH),
          )
          .executeTakeFirst(),
      )
      return overdue + surplus
    },
  }
}
