/** How often it is looked whether the event loop is on time, in milliseconds. */
const EVERY = 50
/** What a single stall counts for at most, in milliseconds: a machine that slept for an hour is not busy for one. */
const LONGEST = 1000
/** How much the last look weighs. */
const WEIGHT = 0.25
/**
 * When the process is behind, in milliseconds. Token checks promise 99 of 100 answers within 100 ms: when every turn comes
 * as late as that, the promise is broken. One collection of garbage (some 50 ms) or one stall of 300 ms is no reason.
 */
const BEHIND = 100

/** Whether a process keeps up. */
export type LoopLag = {
  /** Whether its event loop has been late for so long that work which can be refused should be. */
  isBehind(): boolean
  stop(): void
}

/**
 * Measures how late timers come: so long does every request wait before anybody looks at it. The measure is smoothed over
 * some 200 ms. A loop that is late is late for everybody: refusing what costs most is what lets the rest be quick.
 */
export function watchLoop(): LoopLag {
  let last = performance.now()
  let lag = 0
  const timer = setInterval(() => {
    const time = performance.now()
    const late = Math.min(LONGEST, Math.max(0, time - last - EVERY))
    lag += (late - lag) * WEIGHT
    last = time
  }, EVERY)
  timer.unref()
  return {
    isBehind: () => lag > BEHIND,
    stop: () => clearInterval(timer),
  }
}
