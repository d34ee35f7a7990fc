import type { Kysely, Transaction } from 'kysely'
import type {
  AuditChain,
  AuditEnds,
  AuditEntry,
  AuditFilter,
  AuditPlace,
  AuditStore,
  ChainedAuditEntry,
} from '../../core/ports.ts'
import { isSealed } from '../../core/verify-audit.ts'
import { atomically } from './atomically.ts'
import { toAuditEntry, writeDetail } from './audit-rows.ts'
import { BATCH } from './in-batches.ts'
import type { AuditEndsRow, Schema } from './schema.ts'

/** The one row of `audit_ends`. Whoever appends or prunes takes it first, and so waits for whoever did before. */
const ENDS = 1

const BEFORE_ALL: AuditEndsRow = {
  id: ENDS,
  anchor_seq: 0,
  anchor_hash: '',
  anchor_seal: '',
  head_seq: 0,
  head_hash: '',
  head_seal: '',
}

/**
 * In how many rows at once entries are inserted: a few shapes of statement and no more, because PostgreSQL keeps every
 * one it has seen.
 */
const SHAPES = [64, 16, 4, 1] as const

/** The audit log: rows are added and, from the beginning, removed. Nothing here changes one. */
export function createAuditStore(db: Kysely<Schema>): AuditStore {
  return {
    async appendAudit(entries, { chain, isWanted }) {
      if (entries.length === 0) return
      await atomically(db, async (transaction) => {
        const { head } = await takeEnds(transaction)
        let { seq, hash } = head
        const chained = entries.map((entry) => {
          seq++
          hash = chain.link(hash, { ...entry, seq })
          return { ...entry, seq, hash }
        })
        for (const rows of inShapes(chained.map(toRow))) {
          await transaction.insertInto('audit_log').values(rows).execute()
        }
        const wanted = chained.filter(({ type }) => isWanted(type))
        for (const rows of inShapes(wanted.map((entry) => ({ seq: entry.seq, tries: 0, due_at: entry.at })))) {
          await transaction.insertInto('webhook_deliveries').values(rows).execute()
        }
        await transaction
          .updateTable('audit_ends')
          .set({ head_seq: seq, head_hash: hash, head_seal: resealHead(head, { seq, hash }, chain) })
          .where('id', '=', ENDS)
          .execute()
      })
    },

    async listAudit(filter) {
      const rows = await filtered(db, filter)
        .orderBy('seq', filter.isNewestFirst === true ? 'desc' : 'asc')
        .limit(filter.limit)
        .execute()
      return rows.map(toAuditEntry)
    },

    async readAuditEnds() {
      const row = await db.selectFrom('audit_ends').selectAll().where('id', '=', ENDS).executeTakeFirst()
      return toEnds(row ?? BEFORE_ALL)
    },

    async pruneAudit(before, chain) {
      for (let total = 0; ; ) {
        const removed = await atomically(db, async (transaction) => {
          const { anchor } = await takeEnds(transaction)
          if (!isSealed(anchor, chain.sealAnchor)) throw new BrokenLog('Where the audit log begins')
          const oldest = await transaction
            .selectFrom('audit_log')
            .selectAll()
            .where('seq', '>', anchor.seq)
            .orderBy('seq')
            .limit(BATCH)
            .execute()
          const entries = oldest.map(toAuditEntry)
          const kept = entries.findIndex(({ at }) => at >= before)
          const old = kept === -1 ? entries : entries.slice(0, kept)
          const sound = countSound(anchor, old, chain)
          const [first] = old
          const last = old[sound - 1]
          if (last === undefined) {
            if (first === undefined || total > 0) return 0
            throw new BrokenLog(`Entry ${first.seq} of the audit log`)
          }
          const place = { seq: last.seq, hash: last.hash }
          await transaction.deleteFrom('webhook_deliveries').where('seq', '<=', place.seq).execute()
          await transaction.deleteFrom('audit_log').where('seq', '<=', place.seq).execute()
          await transaction
            .updateTable('audit_ends')
            .set({ anchor_seq: place.seq, anchor_hash: place.hash, anchor_seal: chain.sealAnchor(place) })
            .where('id', '=', ENDS)
            .execute()
          return sound
        })
        total += removed
        if (removed < BATCH) return total
      }
    },
  }
}

/** Nothing is pruned that would hide what somebody did to the log. */
class BrokenLog extends Error {
  constructor(what: string) {
    super(`${what} is not as it was written: nothing is removed from there on. Run: latchkey audit verify`)
  }
}

/** The seal of a new end. One that was put elsewhere past us stays broken: to seal what follows it would cover that up. */
function resealHead(old: AuditEnds['head'], place: AuditPlace, chain: AuditChain): string {
  return isSealed(old, chain.sealHead) ? chain.sealHead(place) : old.seal
}

/** How many of these entries, from the first, follow from the anchor as they were written. */
function countSound(anchor: AuditPlace, entries: readonly ChainedAuditEntry[], chain: AuditChain): number {
  let { seq, hash } = anchor
  const broken = entries.findIndex((entry) => {
    if (entry.seq !== seq + 1 || chain.link(hash, entry) !== entry.hash) return true
    seq = entry.seq
    hash = entry.hash
    return false
  })
  return broken === -1 ? entries.length : broken
}

/** Where the log begins and ends, for this transaction alone until it is over. A write, so that others wait here. */
async function takeEnds(transaction: Transaction<Schema>): Promise<AuditEnds> {
  const take = () =>
    transaction.updateTable('audit_ends').set({ id: ENDS }).where('id', '=', ENDS).returningAll().executeTakeFirst()
  const taken = await take()
  if (taken !== undefined) return toEnds(taken)
  // Entries without an end: somebody removed it. They are gone on from, under no seal.
  const last = await transaction
    .selectFrom('audit_log')
    .select(['seq', 'hash'])
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst()
  await transaction
    .insertInto('audit_ends')
    .values(last === undefined ? BEFORE_ALL : { ...BEFORE_ALL, head_seq: Number(last.seq), head_hash: last.hash })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute()
  return toEnds((await take()) ?? BEFORE_ALL)
}

function filtered(db: Kysely<Schema>, { after, types, accountId, networks, since, until }: AuditFilter) {
  let query = db.selectFrom('audit_log').selectAll().where('seq', '>', after)
  if (types !== undefined) query = query.where('type', 'in', types)
  if (accountId !== undefined) query = query.where('account_id', '=', accountId)
  if (networks !== undefined) query = query.where('network', 'in', networks)
  if (since !== undefined) query = query.where('at', '>=', since)
  if (until !== undefined) query = query.where('at', '<', until)
  return query
}

function toRow({ accountId, requestId, userAgent, detail, ...entry }: AuditEntry & { seq: number; hash: string }) {
  return {
    ...entry,
    account_id: accountId,
    request_id: requestId,
    user_agent: userAgent,
    detail: writeDetail(detail),
  }
}

function toEnds(row: AuditEndsRow): AuditEnds {
  return {
    anchor: { seq: Number(row.anchor_seq), hash: row.anchor_hash, seal: row.anchor_seal },
    head: { seq: Number(row.head_seq), hash: row.head_hash, seal: row.head_seal },
  }
}

function inShapes<Row>(rows: readonly Row[]): Row[][] {
  const groups: Row[][] = []
  for (let from = 0; from < rows.length; ) {
    const size = SHAPES.find((shape) => shape <= rows.length - from) ?? 1
    groups.push(rows.slice(from, from + size))
    from += size
  }
  return groups
}
