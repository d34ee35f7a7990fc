/** Decides whether somebody who did not answer lately is to be asked again. */
export type CircuitBreaker = {
  /** Whether to ask. After a rest the first to ask is let through, and nobody else until it is known what came of it. */
  mayAsk(): boolean
  /** Whether whoever asked now would not be let through, or alone. It lets nobody through. */
  isResting(): boolean
  noteAnswer(): void
  noteFailure(): void
}

/**
 * Makes a breaker: after so many failures in a row nobody is asked for `rest` milliseconds; then one is tried.
 *
 * @param options.now milliseconds since 1970.
 */
export function createCircuitBreaker({
  failures: limit,
  rest,
  now,
}: {
  failures: number
  rest: number
  now: () => number
}): CircuitBreaker {
  let failures = 0
  let restingSince = 0
  return {
    mayAsk() {
      if (failures < limit) return true
      const rested = now() - restingSince
      // A clock that was set back would else rest for as long as it was wrong.
      if (rested >= 0 && rested < rest) return false
      restingSince = now()
      return true
    },
    isResting: () => failures >= limit,
    noteAnswer() {
      failures = 0
    },
    noteFailure() {
      failures++
      if (failures >= limit) restingSince = now()
    },
  }
}
