import type { AuditActor, AuditEntry, AuditEvent } from '../core/ports.ts'
import { truncateNetwork } from '../core/truncate-network.ts'

/** How much of a client's address is kept: all that a budget is kept for, the wider network, or nothing. */
export type AddressKeeping = 'full' | 'truncated' | 'none'

/** An event as the audit log keeps it: the address already shortened, and nothing in it that a database refuses. */
export function toEntry(
  { type, actor, accountId, client, detail = {} }: AuditEvent,
  { at, addresses }: { at: number; addresses: AddressKeeping },
): AuditEntry {
  return {
    at,
    type,
    actor: writeActor(actor),
    accountId,
    contract: client?.contract ?? null,
    requestId: client?.requestId ?? null,
    network: shorten(client?.network ?? null, addresses),
    userAgent: client === null ? null : toStorable(client.userAgent),
    detail,
  }
}

function writeActor(actor: AuditActor): string {
  if (typeof actor === 'string') return actor
  return 'serviceId' in actor ? `service:${actor.serviceId}` : `account:${actor.accountId}`
}

function shorten(network: string | null, addresses: AddressKeeping): string | null {
  if (network === null || addresses === 'none') return null
  return addresses === 'truncated' ? truncateNetwork(network) : network
}

/** One row that cannot be written would hold up all that come after it. */
function toStorable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '')
}
