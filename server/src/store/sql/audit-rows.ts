import type { Selectable } from 'kysely'
import type { ChainedAuditEntry } from '../../core/ports.ts'
import type { AuditRow } from './schema.ts'

/**
 * A row in core's words, whatever somebody has made of it: what is not as it was written comes out as something else
 * than was linked, so that its hash fits no more.
 */
export function toAuditEntry(row: Selectable<AuditRow>): ChainedAuditEntry {
  return {
    seq: toNumber(row.seq),
    at: toNumber(row.at),
    type: String(row.type),
    actor: String(row.actor),
    accountId: row.account_id === null ? null : toNumber(row.account_id),
    contract: toText(row.contract),
    requestId: toText(row.request_id),
    network: toText(row.network),
    userAgent: toText(row.user_agent),
    detail: readDetail(String(row.detail)),
    hash: String(row.hash),
  }
}

/** The detail as it is kept: a text that means the same in other letters is another text. */
export function writeDetail(detail: ChainedAuditEntry['detail']): string {
  return JSON.stringify(detail)
}

function readDetail(text: string): Readonly<Record<string, string>> {
  const detail = parse(text)
  return detail !== null && writeDetail(detail) === text ? detail : { unreadable: text }
}

function parse(text: string): Readonly<Record<string, string>> | null {
  try {
    const detail: unknown = JSON.parse(text)
    if (typeof detail !== 'object' || detail === null) return null
    return Object.fromEntries(Object.entries(detail).map(([name, value]) => [name, String(value)]))
  } catch {
    return null
  }
}

/** SQLite keeps bytes where a number belongs, if they are given. */
function toNumber(value: unknown): number {
  return typeof value === 'object' ? Number.NaN : Number(value)
}

function toText(value: string | null): string | null {
  return value === null ? null : String(value)
}
