import type { AdoptionStore, LegacyOutcome } from '../core/ports.ts'

/** Counts what old servers answered; the counts outlive the process. */
export type Tally = {
  note(contract: string, outcome: LegacyOutcome): void
  /** Writes what was counted since the last time. */
  flush(): Promise<void>
}

/** How long counts may wait before they are written, in milliseconds: a process killed with -9 loses that much. */
const FLUSH_AFTER = 1000

/**
 * Makes a tally that writes to the database once a second at most, so that no login waits for it.
 *
 * @param options.warn is told when counts were lost.
 */
export function createTally({
  store,
  now,
  warn,
}: {
  store: Pick<AdoptionStore, 'countLegacyAnswers'>
  now: () => number
  warn: (words: string) => void
}): Tally {
  let counts = new Map<string, Parameters<AdoptionStore['countLegacyAnswers']>[0][number]>()
  let timer: ReturnType<typeof setTimeout> | null = null
  let writing = Promise.resolve()

  return {
    note(contract, outcome) {
      const key = `${contract} ${outcome}`
      counts.set(key, { contract, outcome, count: (counts.get(key)?.count ?? 0) + 1, lastAt: now() })
      timer ??= setTimeout(flush, FLUSH_AFTER).unref()
    },
    flush,
  }

  function flush(): Promise<void> {
    if (timer !== null) clearTimeout(timer)
    timer = null
    const due = [...counts.values()]
    counts = new Map()
    writing = writing.then(() => write(due))
    return writing
  }

  async function write(due: Parameters<AdoptionStore['countLegacyAnswers']>[0]): Promise<void> {
    if (due.length === 0) return
    try {
      await store.countLegacyAnswers(due)
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'for an unknown reason'
      warn(`what old servers answered could not be counted (${reason}): the counts of latchkey import status lack it.`)
    }
  }
}
