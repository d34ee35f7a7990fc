/** A bounded queue: so many at work, the others waiting in order, none of them for too long. */
export type Queue = {
  /** Runs the work when its turn comes. Rejects with the queue's refusal when the turn is too far away. */
  run<Result>(work: () => Promise<Result>): Promise<Result>
  /** Whether work that came in now would be refused, if so much other work were on its way here as well. */
  isFull(coming?: number): boolean
  /** Whether so much is waiting that the workers will not be idle soon, even if nobody else is taken in. */
  isBusy(): boolean
}

/** How long the workers can be kept busy by what is waiting before that is called much, in milliseconds. */
const SOON = 100

/** A queue that has not been empty for as long as the longest wait is no burst any more: then one waits so much less. */
const STANDING_SHARE = 0.25

/**
 * Makes a queue. From how long recent work took, it knows when a newcomer's turn would come, and refuses at once rather
 * than after a wait in vain; what waits anyway is refused when `longestWait` (milliseconds) is over.
 *
 * A burst may wait for long. A queue that stands would make *everybody* wait that long and do no more work for it: it is
 * kept short, as CoDel does (RFC 8289), so that whoever is taken in is answered before a client gives up.
 *
 * @param mostWaiting how many may wait, however quick the work is.
 */
export function createQueue({
  workers,
  longestWait,
  mostWaiting,
  refuse,
}: {
  workers: number
  longestWait: number
  mostWaiting: number
  refuse: () => Error
}): Queue {
  const waiting = new Set<() => void>()
  let busy = 0
  /** About the shortest time that work took lately, in milliseconds: nobody is refused for one slow piece. */
  let usual = 0
  /** Since when somebody has been waiting. */
  let standingSince = 0

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

  function isFull(coming = 0): boolean {
    const ahead = Math.max(waiting.size, coming - workers)
    if (busy < workers && ahead === 0) return false
    return ahead >= mostWaiting || ((ahead + 1) * usual) / workers > patience()
  }

  function isBusy(): boolean {
    return (waiting.size * usual) / workers > SOON
  }

  /** How far away a newcomer's turn may be. One piece of work for each worker may always wait, however long it takes. */
  function patience(): number {
    const isStanding = waiting.size > 0 && performance.now() - standingSince > longestWait
    return isStanding ? Math.min(longestWait, Math.max(longestWait * STANDING_SHARE, usual)) : longestWait
  }

  function turn(): Promise<void> {
    if (isFull()) return Promise.reject(refuse())
    if (waiting.size === 0) standingSince = performance.now()
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

  return { run, isFull, isBusy }
}
