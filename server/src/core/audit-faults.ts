import type { AuditChain, ChainedAuditEntry } from './ports.ts'

/** Something in the audit log that is not as it was written. `seq` is `null` for the log's ends. */
export type AuditFault = {
  /**
   * - `changed`: the entry, or its hash, is not what was written there.
   * - `unlinked`: the entry does not follow from the one before, which is broken itself.
   * - `moved`: the entry was written at `belongsAt`.
   * - `missing`: entries from `seq` until `until` are gone. `beginning_removed`: the same, at the beginning.
   * - `inserted`: the entry is at a place where none was written.
   * - `anchor_changed`, `head_changed`: where the log begins or ends was changed past Latchkey.
   * - `not_as_expected`: the entry is sound, but not the one that was there before.
   * - `cut_off`: the log once reached the entry.
   */
  readonly kind:
    | 'changed'
    | 'unlinked'
    | 'moved'
    | 'missing'
    | 'beginning_removed'
    | 'inserted'
    | 'anchor_changed'
    | 'head_changed'
    | 'not_as_expected'
    | 'cut_off'
  readonly seq: number | null
  readonly until?: number
  readonly belongsAt?: number
}

/** An entry whose hash does not fit, with the hash that stands before it. */
export type SuspectEntry = {
  readonly entry: ChainedAuditEntry
  readonly previousHash: string
  /** Whether the entry before is a suspect itself. */
  readonly followsSuspect: boolean
}

/**
 * What is wrong with each suspect. Of two entries that changed places both are found, and those that come after them
 * are found to be innocent: they fit what stood before them when they were written.
 */
export function judgeSuspects(suspects: readonly SuspectEntry[], chain: AuditChain): readonly AuditFault[] {
  return suspects.flatMap((suspect): AuditFault[] => {
    const { entry, followsSuspect } = suspect
    const others = suspects.filter((other) => other !== suspect)
    if (others.some((other) => chain.link(other.entry.hash, entry) === entry.hash)) return []
    const origin = others.find((other) => belongsAt(entry, other, chain))
    if (origin !== undefined) return [{ kind: 'moved', seq: entry.seq, belongsAt: origin.entry.seq }]
    return [{ kind: followsSuspect ? 'unlinked' : 'changed', seq: entry.seq }]
  })
}

/** Of neighbours that changed places each stands where the other's hash should. */
function belongsAt(entry: ChainedAuditEntry, place: SuspectEntry, chain: AuditChain): boolean {
  const there = { ...entry, seq: place.entry.seq }
  return [place.previousHash, place.entry.hash].some((previous) => chain.link(previous, there) === entry.hash)
}
