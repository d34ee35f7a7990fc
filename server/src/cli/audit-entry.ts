import type { ChainedAuditEntry } from '../core/ports.ts'
import { alignRows } from './print.ts'

/** The columns of an exported entry, in order. */
export const AUDIT_FIELDS = [
  'seq',
  'at',
  'type',
  'actor',
  'account_id',
  'contract',
  'request_id',
  'network',
  'user_agent',
  'detail',
  'hash',
] as const

/** An entry as it is exported. */
export type ExportedEntry = Readonly<
  Record<(typeof AUDIT_FIELDS)[number], string | number | null | ChainedAuditEntry['detail']>
>

/** An entry in the names and forms in which it is exported. */
export function toExported(entry: ChainedAuditEntry): ExportedEntry {
  return {
    seq: entry.seq,
    at: writeTime(entry.at),
    type: entry.type,
    actor: entry.actor,
    account_id: entry.accountId,
    contract: entry.contract,
    request_id: entry.requestId,
    network: entry.network,
    user_agent: entry.userAgent,
    detail: entry.detail,
    hash: entry.hash,
  }
}

/** How wide the columns of the table are, where what is in them is no wider. Rows come as they happen. */
const WIDTHS = [7, 20, 24, 10, 7, 11, 15, 15]

/** The headings of the table. */
export const AUDIT_HEADINGS = writeCells([
  'SEQ',
  'TIME',
  'TYPE',
  'ACTOR',
  'ACCOUNT',
  'CONTRACT',
  'NETWORK',
  'REQUEST',
  'DETAIL',
])

/** An entry as a line of the table. */
export function writeAuditLine(entry: ChainedAuditEntry): string {
  const { seq, at, type, actor, accountId, contract, network, requestId, detail } = entry
  return writeCells([
    String(seq),
    writeTime(at).replace(/\.\d+Z$/, 'Z'),
    type,
    actor,
    accountId === null ? '-' : String(accountId),
    contract ?? '-',
    network ?? '-',
    requestId ?? '-',
    Object.entries(detail)
      .map(([name, value]) => `${name}=${value}`)
      .join(' '),
  ])
}

function writeCells(cells: readonly string[]): string {
  const padded = cells.map((cell, column) => cell.padEnd(WIDTHS[column] ?? 0))
  return alignRows([padded])[0] ?? ''
}

/** A time that somebody wrote into the database may be none. */
function writeTime(at: number): string {
  return Math.abs(at) <= 8.64e15 ? new Date(at).toISOString() : String(at)
}
