import type { AuditEntry, AuditEventType } from '../core/ports.ts'

/** What anybody, or anybody with an account, can make happen as often as they like at no cost. */
const REPEATABLE: ReadonlySet<AuditEventType> = new Set([
  'throttled',
  'revoked_token_used',
  'password_reset_requested',
  'password_reset_failed',
  'profile_changed',
  'privileged_field_ignored',
  'service_client_refused',
])

/** Of these whoever sends the request chooses the detail: a flood of different ones is a flood all the same. */
const CHOSEN_DETAIL: ReadonlySet<AuditEventType> = new Set(['profile_changed', 'privileged_field_ignored'])

/** How long after an entry those like it are only counted, in milliseconds. */
const WINDOW = 60_000
/** How many kinds are counted at a time, of each breadth: some megabytes at most. */
const MOST_KINDS = 2048

/** Makes one entry of many, so that a flood of requests does not become a flood of rows. */
export type Repeats = {
  /** What is to be written for an entry: the entry itself, unless one like it was written within the last minute. */
  take(entry: AuditEntry): readonly AuditEntry[]
  /** What is to be written of those whose minute is over at `now`: how often each was repeated. */
  settle(now: number): readonly AuditEntry[]
}

type Kind = { readonly since: number; readonly summarise: Summary; last: AuditEntry; repeated: number }
type Summary = (last: AuditEntry) => AuditEntry

/** How alike entries must be to be counted as one, and what then is true of all of them. */
type Breadth = { keyOf(entry: AuditEntry): string; readonly summarise: Summary }

/** The narrowest first. */
const NARROW: readonly Breadth[] = [
  { keyOf: exactKey, summarise: (last) => last },
  { keyOf: subjectKey, summarise: toSubject },
]
const BROADEST: Breadth = { keyOf: ({ type }) => JSON.stringify([type]), summarise: toNobody }

/**
 * Entries are alike that differ in nothing but their time, request and user agent. Where there are too many kinds, as when
 * somebody asks from thousands of networks, those of further kinds are counted together for each account, and where there
 * are too many of these too, for each type.
 */
export function createRepeats(): Repeats {
  const kinds = new Map<string, Kind>()

  return {
    take(entry) {
      if (!REPEATABLE.has(entry.type)) return [entry]
      const { keyOf, summarise } = breadthOf(entry)
      const key = keyOf(entry)
      const known = kinds.get(key)
      if (known !== undefined && isWithin(known, entry.at)) {
        known.repeated++
        known.last = entry
        return []
      }
      const told = known === undefined ? [] : end(key, known)
      kinds.set(key, { since: entry.at, summarise, last: entry, repeated: 0 })
      return [...told, entry]
    },

    settle(now) {
      return [...kinds].flatMap(([key, kind]) => (isWithin(kind, now) ? [] : end(key, kind)))
    },
  }

  /** The narrowest in which it is counted already, or there is room for it. */
  function breadthOf(entry: AuditEntry): Breadth {
    const fits = ({ keyOf }: Breadth, index: number) => kinds.has(keyOf(entry)) || kinds.size < MOST_KINDS * (index + 1)
    return NARROW.find(fits) ?? BROADEST
  }

  /** The last of them stands for all; how many it stands for is in its detail. */
  function end(key: string, { summarise, last, repeated }: Kind): readonly AuditEntry[] {
    kinds.delete(key)
    const summary = summarise(last)
    return repeated === 0 ? [] : [{ ...summary, detail: { ...summary.detail, repeated: String(repeated) } }]
  }
}

/** A clock that was put back ends the minute too. */
function isWithin({ since }: Kind, now: number): boolean {
  return now >= since && now < since + WINDOW
}

function exactKey({ type, actor, accountId, contract, network, detail }: AuditEntry): string {
  return JSON.stringify([type, actor, accountId, contract, network, CHOSEN_DETAIL.has(type) ? null : detail])
}

function subjectKey({ type, actor, accountId, detail }: AuditEntry): string {
  return JSON.stringify([type, actor, accountId, detail.subject])
}

/** What is true of all that happened to an account, or to the subject of its tokens. */
function toSubject(last: AuditEntry): AuditEntry {
  const { subject } = last.detail
  const nowhere = { contract: null, requestId: null, network: null, userAgent: null }
  return { ...last, ...nowhere, detail: subject === undefined ? {} : { subject } }
}

function toNobody(last: AuditEntry): AuditEntry {
  return { ...toSubject(last), actor: 'server', accountId: null, detail: {} }
}
