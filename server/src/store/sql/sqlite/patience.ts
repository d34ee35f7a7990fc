import { isBusy } from './errors.ts'

/** How long anybody waits for a lock that another process holds, in milliseconds. */
export const LONGEST_WAIT = 5000
/** How long a lock that was never free when somebody asked counts as held without a break, in milliseconds. */
const REMEMBERED = 60_000
/** The pauses between two tries, in milliseconds: the first, and what they grow to. */
const FIRST_PAUSE = 1
const LONGEST_PAUSE = 8

/**
 * Waits for the lock of a database that other processes use too, without holding this process up: SQLite's own waiting
 * would stop everything else that it does.
 *
 * Once the lock was refused for as long as anybody waits, whoever comes is refused after one try, until one succeeds.
 */
export class Patience {
  #refusedSince: number | null = null
  #lastRefused = 0

  /**
   * Tries until the lock is free.
   *
   * @param attempt does nothing unless it gets the lock.
   * @param since when the caller began to wait, by `performance.now()`.
   * @throws whatever `attempt` throws; "busy" only when the wait was too long.
   */
  async insist<Result>(attempt: () => Result, since: number): Promise<Result> {
    for (let tries = 0; ; tries++) {
      try {
        const result = attempt()
        this.#refusedSince = null
        return result
      } catch (error) {
        if (!isBusy(error)) throw error
        const now = performance.now()
        if (this.#isHopeless(now) || now - since >= LONGEST_WAIT) throw error
      }
      await pause(Math.min(FIRST_PAUSE * 1.5 ** tries, LONGEST_PAUSE))
    }
  }

  #isHopeless(now: number): boolean {
    if (this.#refusedSince === null || now - this.#lastRefused > REMEMBERED) this.#refusedSince = now
    this.#lastRefused = now
    return now - this.#refusedSince >= LONGEST_WAIT
  }
}

/** Around as long as it is told: two processes that always paused alike would always meet. */
function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds * (0.5 + Math.random())))
}
