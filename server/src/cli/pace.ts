import { setTimeout as sleep } from 'node:timers/promises'

/** Keeps requests apart, so that no more than so many go out in a second. */
export function createPace(perSecond: number): () => Promise<void> {
  let next = 0
  return async () => {
    const now = performance.now()
    const wait = next - now
    next = Math.max(now, next) + 1000 / perSecond
    if (wait > 0) await sleep(wait)
  }
}
