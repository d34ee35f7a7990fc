/** How long turns follow each other before everything else in the process gets one, in milliseconds. */
const LONGEST_BURST = 5

/**
 * Whose turn it is to write, in the order in which they asked, and who waits for the transaction that is open to end.
 * Nobody is told of the turn of another: a transaction is never joined by somebody else's statement.
 */
export class Turns {
  #isTaken = false
  #burstBegan: number | null = null
  readonly #writers: (() => void)[] = []
  #readers: (() => void)[] = []

  /** Waits for a turn to write; it lasts until `pass`. */
  async take(): Promise<void> {
    if (!this.#isTaken) {
      this.#isTaken = true
      return
    }
    await new Promise<void>((resolve) => this.#writers.push(resolve))
  }

  /** Ends the turn: readers who waited for it go on, and then the next writer. */
  pass(): void {
    const readers = this.#readers
    this.#readers = []
    for (const reader of readers) reader()
    const next = this.#writers.shift()
    if (next === undefined) this.#isTaken = false
    else if (this.#isLongBurst()) setImmediate(next)
    else next()
  }

  /** Resolves when the turn that is under way has ended. */
  ended(): Promise<void> {
    return new Promise((resolve) => this.#readers.push(resolve))
  }

  /** Turns that follow each other without a break would leave the process no time for anything else. */
  #isLongBurst(): boolean {
    const now = performance.now()
    if (this.#burstBegan === null) {
      this.#burstBegan = now
      setImmediate(() => {
        this.#burstBegan = null
      })
    }
    return now - this.#burstBegan > LONGEST_BURST
  }
}
