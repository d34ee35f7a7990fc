/** A bounded queue: so many at work, the others waiting in order, none of them for too long. */
export type Queue = {
  /** Runs the work when its turn comes. Rejects with the queue's refusal when the turn is too far away. */
  run<Result>(work: () => Promise<Result>): Promise<Result>
}

/**
 * Makes a queue. From how long recent work took, it knows when a newcomer's turn would come, and refuses at once rather
 * than after a wait in vain; what waits anyway is refused when `longestWait` (milliseconds) is over.
 */
export function createQueue({
  workers,
  longestWait,
  refuse,
}: {
  workers: number
  longestWait: number
  refuse: () => Error
}): Queue {
  const waiting = new Set<() => void>()
  let busy = 0
  /** About the shortest time that work took lately, in milliseconds: nobody is refused for one slow piece. */
  let usual = 0

  async function run<Result>(work: () => Promise<Result>): Promise<Result> {
    if (busy < workers) busy++
    else await turn()
    const started = performance.now()
    try {
      return await work()
    } finally {
      const took = performance.now() - started
      usual = usual === 0 || took < usual ? took : usual * 0.9 + took * 0.1
      handOver()
    }
  }

  function turn(): Promise<void> {
    if (((waiting.size + 1) * usual) / workers > longestWait) return Promise.reject(refuse())
    return new Promise((resolve, reject) => {
      const start = () => {
        clearTimeout(timer)
        resolve()
      }
      const timer = setTimeout(() => {
        waiting.delete(start)
        reject(refuse())
      }, longestWait)
      waiting.add(start)
    })
  }

  /** The place goes straight to whoever waited longest, so that no newcomer can slip in between. */
  function handOver(): void {
    const [start] = waiting
    if (start === undefined) {
      busy--
      return
    }
    waiting.delete(start)
    start()
  }

  return { run }
}
