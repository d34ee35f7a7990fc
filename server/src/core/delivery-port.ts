import type { ChainedAuditEntry } from './audit-port.ts'

/** An event that is to be told to a webhook, taken by one process. */
export type DueDelivery = {
  readonly id: number
  readonly entry: ChainedAuditEntry
  /** How often it has been tried, this time included. */
  readonly tries: number
}

/** An event that a webhook has not been told yet. Times are milliseconds since 1970. */
export type WaitingDelivery = {
  readonly seq: number
  /** `null`, with the time, when the entry is no longer in the audit log. */
  readonly type: string | null
  readonly at: number | null
  readonly tries: number
  readonly dueAt: number
}

/** Where events wait that webhooks are to be told. Times and leases are in milliseconds. */
export type DeliveryStore = {
  /** Takes deliveries that are due and makes each due again after its lease, which doubles. No two callers get one. */
  takeDueDeliveries(request: { now: number; lease: number; limit: number }): Promise<readonly DueDelivery[]>
  removeDelivery(id: number): Promise<void>
  /** Deliveries that wait, oldest first. */
  listDeliveries(limit: number): Promise<readonly WaitingDelivery[]>
  /** How many wait, and how many of them have been tried in vain. */
  countDeliveries(): Promise<{ waiting: number; retried: number }>
  /** Removes those that nobody has taken since they were due at `before`, and the oldest beyond `most`; says how many. */
  pruneDeliveries(limits: { before: number; most: number }): Promise<number>
}
