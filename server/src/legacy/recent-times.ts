/** Remembers how long something took lately. */
export type RecentTimes = {
  /** Notes how long it took, in milliseconds. */
  note(took: number): void
  /** One of the last times, each in its turn; `null` where none is recent. */
  next(): number | null
}

/** How many times are remembered, and for how long, in milliseconds: few, so that they are of the present. */
const KEPT = 16
const KEPT_FOR = 600_000

/** @param elapsed milliseconds on a clock that never goes back. */
export function createRecentTimes(elapsed: () => number): RecentTimes {
  const times: { readonly took: number; readonly at: number }[] = []
  let noted = 0
  let used = 0
  return {
    note(took) {
      times[noted++ % KEPT] = { took, at: elapsed() }
    },
    next() {
      const recent = times.filter(({ at }) => elapsed() - at < KEPT_FOR)
      return recent[used++ % recent.length]?.took ?? null
    },
  }
}
