import type { AuditEventType } from './audit-event.ts'

/** An event as the audit log keeps it. */
export type AuditEntry = {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly type: AuditEventType
  /** `anonymous`, `operator`, `server`, `account:ID`, or `service:ID`. */
  readonly actor: string
  readonly accountId: number | null
  readonly contract: string | null
  readonly requestId: string | null
  readonly network: string | null
  readonly userAgent: string | null
  readonly detail: Readonly<Record<string, string>>
}

/** An entry in its place, as it was found: of what somebody changed in the database nothing is taken for granted. */
export type ChainedAuditEntry = Omit<AuditEntry, 'type'> & {
  /** 1, 2, 3 … without a gap. */
  readonly seq: number
  readonly type: string
  /** What `AuditChain.link` made of the hash before it and everything above. */
  readonly hash: string
}

/** A place in the audit log. `seq` 0 with an empty hash is before the first entry. */
export type AuditPlace = { readonly seq: number; readonly hash: string }

/** Where the log begins and ends now. A `seal` is the chain's own mark: nobody without its key can put another end. */
export type AuditEnds = {
  /** The last entry that was pruned. */
  readonly anchor: AuditPlace & { readonly seal: string }
  /** The last entry that was appended. */
  readonly head: AuditPlace & { readonly seal: string }
}

/** Links entries of the audit log to each other, under a key made of the operator's secret. */
export type AuditChain = {
  /** The hash of an entry after the one that has `previousHash`; empty before the first. */
  link(previousHash: string, entry: Omit<ChainedAuditEntry, 'hash'>): string
  sealAnchor(place: AuditPlace): string
  sealHead(place: AuditPlace): string
}

/** Which entries of the audit log are asked for. Times are milliseconds since 1970. */
export type AuditFilter = {
  /** Entries with a larger `seq` only. */
  readonly after: number
  readonly limit: number
  /** The last come first, and so are left when there are more than `limit`. */
  readonly isNewestFirst?: boolean
  readonly types?: readonly AuditEventType[]
  readonly accountId?: number
  /** Any of these, in the form in which they are kept. */
  readonly networks?: readonly string[]
  readonly since?: number
  readonly until?: number
}

/** Where the audit log rests: appended to and pruned from its beginning, and never changed. */
export type AuditStore = {
  /**
   * Appends entries in this order, each linked to the one before it, whichever process wrote that. For each that is
   * `isWanted` a delivery is noted in the same step. Both options may be asked again about the same entry. Where the
   * log's end was moved past us, no later end is sealed: verification goes on finding it.
   */
  appendAudit(
    entries: readonly AuditEntry[],
    options: { chain: AuditChain; isWanted: (type: AuditEventType) => boolean },
  ): Promise<void>
  /** Lowest `seq` first, unless asked otherwise. */
  listAudit(filter: AuditFilter): Promise<readonly ChainedAuditEntry[]>
  readAuditEnds(): Promise<AuditEnds>
  /**
   * Removes entries from the beginning, in batches, up to the first that is not older than `before`, and what waits to
   * be told of them; says how many. An entry that is not as it was written stays, and so does all that comes after it:
   * whoever could make entries look old would have us remove them.
   *
   * @throws {Error} when there is such an entry, or another beginning, and nothing before it to be removed.
   */
  pruneAudit(before: number, chain: AuditChain): Promise<number>
}
