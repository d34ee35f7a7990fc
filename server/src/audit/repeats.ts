import type { AuditEntry, AuditEventType } from '../core/ports.ts'

/** What anybody, or anybody with an account, can make happen as often as they like at no cost. */
const REPEATABLE: ReadonlySet<AuditEventType> = new Set([
  'throttled',
  'revoked_token_used',
  'password_reset_failed',
  'profile_changed',
  'privileged_field_ignored',
])

/** How long after an entry those like it are only counted, in milliseconds. */
const WINDOW = 60_000
/** How many kinds are counted at a time: some megabytes at most. Of more the oldest is told early. */
const MOST_KINDS = 4096

/** Makes one entry of many, so that a flood of requests does not become a flood of rows. */
export type Repeats = {
  /** What is to be written for an entry: the entry itself, unless one like it was written within the last minute. */
  take(entry: AuditEntry): readonly AuditEntry[]
  /** What is to be written of those whose minute is over at `now`: how often each was repeated. */
  settle(now: number): readonly AuditEntry[]
}

type Kind = { readonly since: number; last: AuditEntry; repeated: number }

/** Entries are alike that differ in nothing but their time, request and user agent. */
export function createRepeats(): Repeats {
  // In the order in which they began.
  const kinds = new Map<string, Kind>()

  return {
    take(entry) {
      if (!isRepeatable(entry)) return [entry]
      const key = keyOf(entry)
      const known = kinds.get(key)
      if (known !== undefined && isWithin(known, entry.at)) {
        known.repeated++
        known.last = entry
        return []
      }
      const told = known === undefined ? makeRoom() : end(key, known)
      kinds.set(key, { since: entry.at, last: entry, repeated: 0 })
      return [...told, entry]
    },

    settle(now) {
      return [...kinds].flatMap(([key, kind]) => (isWithin(kind, now) ? [] : end(key, kind)))
    },
  }

  function makeRoom(): readonly AuditEntry[] {
    if (kinds.size < MOST_KINDS) return []
    const [oldest] = kinds
    return oldest === undefined ? [] : end(...oldest)
  }

  /** The last of them stands for all; how many it stands for is in its detail. */
  function end(key: string, { last, repeated }: Kind): readonly AuditEntry[] {
    kinds.delete(key)
    return repeated === 0 ? [] : [{ ...last, detail: { ...last.detail, repeated: String(repeated) } }]
  }
}

function isRepeatable({ type }: AuditEntry): boolean {
  return REPEATABLE.has(type)
}

/** A clock that was put back ends the minute too. */
function isWithin({ since }: Kind, now: number): boolean {
  return now >= since && now < since + WINDOW
}

function keyOf({ type, actor, accountId, contract, network, detail }: AuditEntry): string {
  return JSON.stringify([type, actor, accountId, contract, network, detail])
}
