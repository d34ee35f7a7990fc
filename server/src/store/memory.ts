import type { Beginning, Memory } from '../core/ports.ts'

/** A memory that can be made to forget. */
export type ForgetfulMemory<Found> = Memory<Found> & {
  /** Forgets what `isChanged` says, whatever is being found out just now, and what nobody would recall. */
  forget(isChanged: (found: Found) => boolean): void
  /** Forgets everything, and remembers nothing any more that rests on something read before. */
  forgetAll(): void
}

/** How much is remembered at most: some two kilobytes each, with the token that it is known by. */
const SIZE = 10_000

/**
 * Makes a memory. What is in it was true on the database at some moment within the last `longest` milliseconds, and
 * nothing that this process has acknowledged since contradicts it.
 *
 * @param options.longest how long anything is recalled after it was begun to be found out, in milliseconds; 0 for never.
 * @param options.elapsed a clock that never goes back, in milliseconds.
 */
export function createMemory<Found>({
  longest,
  elapsed,
  size = SIZE,
}: {
  longest: number
  elapsed: () => number
  size?: number
}): ForgetfulMemory<Found> {
  /** In the order in which they were remembered, which is nearly that of their ages. */
  const entries = new Map<string, { readonly found: Found; readonly at: number }>()
  let changes = 0
  let emptiedAt = Number.NEGATIVE_INFINITY

  function isOver({ at }: Pick<Beginning, 'at'>): boolean {
    return elapsed() - at >= longest
  }

  /** So that a token used once does not stay for ever. */
  function dropOldest(): void {
    for (const [text, entry] of entries) {
      if (entries.size < size && !isOver(entry)) return
      entries.delete(text)
    }
  }

  return {
    recall(text) {
      const entry = entries.get(text)
      return entry === undefined || isOver(entry) ? null : entry.found
    },
    begin: () => ({ at: elapsed(), changes }),
    remember(text, found, beginning) {
      // Whoever read before a change and comes back after it may have seen what was before.
      if (beginning.changes !== changes || beginning.at < emptiedAt || isOver(beginning)) return
      entries.delete(text)
      dropOldest()
      entries.set(text, { found, at: beginning.at })
    },
    forget(isChanged) {
      changes++
      // What is over goes too: nobody has to look at it again.
      for (const [text, entry] of entries) if (isOver(entry) || isChanged(entry.found)) entries.delete(text)
    },
    forgetAll() {
      changes++
      emptiedAt = elapsed()
      entries.clear()
    },
  }
}
