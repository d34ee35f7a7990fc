import type { AuditFilter, ChainedAuditEntry, Ports } from './ports.ts'

const DAY = 86_400_000

/** Entries of the audit log, lowest `seq` first. */
export async function listAudit(
  { store }: Pick<Ports, 'store'>,
  filter: AuditFilter,
): Promise<readonly ChainedAuditEntry[]> {
  const entries = await store.listAudit(filter)
  return filter.isNewestFirst === true ? entries.toReversed() : entries
}

/**
 * Forgets entries older than so many days, from the beginning, and records that it did. What is left stays verifiable.
 *
 * @returns how many went.
 */
export async function pruneAudit(
  { store, audit, chain, now }: Pick<Ports, 'store' | 'audit' | 'chain' | 'now'>,
  days: number,
): Promise<number> {
  const count = await store.pruneAudit(now() - days * DAY, chain)
  if (count > 0) {
    const detail = { count: String(count), days: String(days) }
    audit.record({ type: 'audit_pruned', actor: 'server', accountId: null, client: null, detail })
  }
  return count
}

/** Records that the database was put back to an earlier state: what was recorded after that is not in this log. */
export function noteRestore({ audit }: Pick<Ports, 'audit'>, { madeAt }: { madeAt: string | null }): void {
  const detail = madeAt === null ? {} : { made_at: madeAt }
  audit.record({ type: 'database_restored', actor: 'operator', accountId: null, client: null, detail })
}
