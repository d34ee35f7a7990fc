import type { Audit, AuditChain, AuditEntry, AuditEvent, AuditEventType, AuditStore } from '../core/ports.ts'
import { createRepeats } from './repeats.ts'
import { type AddressKeeping, toEntry } from './to-entry.ts'

/** How many entries may wait for the database. More are counted and dropped; their log lines are out already. */
const MOST_WAITING = 10_000
/** How many are written in one transaction. */
const BATCH = 500
/** How long an entry waits for others, in milliseconds: so much is lost at most when the process is killed. */
const FLUSH_AFTER = 200
/** How long a database that did not take them is left alone, in milliseconds. */
const RETRY_AFTER = 1000
/** How often it is looked whether a count of repeated events is due, in milliseconds. */
const SETTLE_EVERY = 5000

/** Takes events at once and writes them to the audit log soon after. */
export type Journal = Audit & {
  /**
   * Writes what waits.
   *
   * @throws {AuthError} `overloaded`, or what else the store throws; then it still waits.
   */
  flush(): Promise<void>
  /** Writes what waits and what is still counted, and takes no timer's turn any more. It tells the log if it cannot. */
  close(): Promise<void>
}

/** Where the journal tells people. */
export type JournalLog = {
  info(fields: object, words: string): void
  warn(fields: object, words: string): void
  error(fields: object, words: string): void
}

/** What a journal is made of. */
export type JournalOptions = {
  readonly store: Pick<AuditStore, 'appendAudit'>
  readonly chain: AuditChain
  /** Which events a webhook is to be told of. */
  readonly isWanted: (type: AuditEventType) => boolean
  readonly addresses: AddressKeeping
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Gets a line for each entry at once: `lines` may be louder than `log`, which gets what went wrong. */
  readonly log: JournalLog
  readonly lines: Pick<JournalLog, 'info'>
}

/**
 * The audit log as requests meet it: whoever records an event neither waits for the database nor hears of its troubles.
 * Entries are linked only when they are written, so several processes can have journals of one log.
 */
export function createJournal({ store, chain, isWanted, addresses, now, log, lines }: JournalOptions): Journal {
  const repeats = createRepeats()
  const waiting: AuditEntry[] = []
  let lost = 0
  let isFailing = false
  let writing: Promise<void> | null = null
  let timer: NodeJS.Timeout | null = null
  let isClosed = false
  const settling = setInterval(() => put(repeats.settle(now())), SETTLE_EVERY)
  settling.unref()

  return {
    record(event) {
      put(repeats.take(toEntry(event, { at: now(), addresses })))
    },

    flush,

    async close() {
      isClosed = true
      clearInterval(settling)
      put(repeats.settle(Number.POSITIVE_INFINITY))
      clearTimer()
      // What failed for a moment is worth a second try; nobody comes after this one.
      await flush()
        .catch(() => pause(RETRY_AFTER).then(flush))
        .catch((error) => {
          const entries = waiting.length + lost
          log.error({ err: error, entries }, 'audit entries could not be written: they stand in this log alone')
        })
    },
  }

  function put(entries: readonly AuditEntry[]): void {
    for (const entry of entries) {
      lines.info({ audit: toLine(entry) }, `audit: ${entry.type}`)
      if (waiting.length < MOST_WAITING) waiting.push(entry)
      else lost++
    }
    if (waiting.length === 0 || writing !== null || isFailing) return
    if (waiting.length >= BATCH) clearTimer()
    schedule(waiting.length >= BATCH ? 0 : FLUSH_AFTER)
  }

  function schedule(delay: number): void {
    if (isClosed || timer !== null) return
    timer = setTimeout(writeByTimer, delay)
    timer.unref()
  }

  function clearTimer(): void {
    if (timer !== null) clearTimeout(timer)
    timer = null
  }

  function writeByTimer(): void {
    timer = null
    // What goes wrong is told by `write`.
    flush().catch(() => {})
  }

  /** One writer at a time: entries stay in their order. */
  async function flush(): Promise<void> {
    while (writing !== null) await writing.catch(() => {})
    if (waiting.length === 0) return
    clearTimer()
    writing = writeWaiting()
    try {
      await writing
    } finally {
      writing = null
      if (waiting.length > 0) schedule(isFailing ? RETRY_AFTER : FLUSH_AFTER)
    }
  }

  /** What came meanwhile waits for others of its own. */
  async function writeWaiting(): Promise<void> {
    for (let left = waiting.length; left > 0; ) {
      const batch = waiting.slice(0, Math.min(left, BATCH))
      // They were dropped while all that waits now was waiting, so their place is after the last of it.
      const dropped = batch.length === waiting.length ? lost : 0
      await write(dropped === 0 ? batch : [...batch, toEntry(lossOf(dropped), { at: now(), addresses })])
      waiting.splice(0, batch.length)
      lost -= dropped
      left -= batch.length
    }
  }

  async function write(entries: readonly AuditEntry[]): Promise<void> {
    try {
      await store.appendAudit(entries, { chain, isWanted })
    } catch (error) {
      if (!isFailing) log.warn({ err: error }, 'audit entries cannot be written now; they are kept and tried again')
      isFailing = true
      throw error
    }
    if (isFailing) log.info({}, 'audit entries are written again')
    isFailing = false
  }
}

function lossOf(count: number): AuditEvent {
  return { type: 'audit_events_lost', actor: 'server', accountId: null, client: null, detail: { count: String(count) } }
}

/** An entry without what it does not have. */
function toLine(entry: AuditEntry): object {
  const { at: _, detail, ...told } = entry
  const fields = Object.entries(told).filter(([, value]) => value !== null)
  return { ...Object.fromEntries(fields), ...(Object.keys(detail).length === 0 ? {} : { detail }) }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
