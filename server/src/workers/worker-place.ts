import cluster, { type Worker } from 'node:cluster'
import type { FastifyBaseLogger } from 'fastify'
import { type Listening, type Order, readReport } from './messages.ts'

/** Tells a process that it is a worker, and whose. */
export const LEADER = 'WORKER_OF'
/** How many threads libuv starts in a process. What a process inherits is its leader's, for all cores. */
const THREADS = 'UV_THREADPOOL_SIZE'

/** A worker that lived as long had nothing wrong with it, in milliseconds. */
const SETTLED = 10_000
/** How long the place stays empty when its worker died at once; twice as long each time that it does so again. */
const FIRST_PAUSE = 250
const LONGEST_PAUSE = 30_000
/** How long a worker may take to end: its requests have 15 s, and then there is the database to close. */
const LONGEST_STOP = 20_000

/** A place that is kept filled: when its worker dies, another takes it. */
export type WorkerPlace = {
  /** Resolves when the first worker listens, or never if this place is stopped before. Rejects with a sentence when one ended unasked before. */
  readonly listening: Promise<Listening>
  /** Whether there is a worker here now, and listens. */
  isServing(): boolean
  /** Asks the worker to finish and end, lets nobody take its place, and resolves when it has ended. */
  stop(): Promise<void>
}

/**
 * Fills a place with a worker. A worker that dies after ten seconds or more is replaced at once; one that dies sooner,
 * after a pause that grows from 250 ms to 30 s.
 *
 * @param options.threads how many libuv starts in the worker.
 * @param options.start gives what a new worker is told to do.
 */
export function openPlace({
  threads,
  start,
  log,
}: {
  threads: number
  start: () => Order
  log: FastifyBaseLogger
}): WorkerPlace {
  const first = Promise.withResolvers<Listening>()
  const emptied = Promise.withResolvers<void>()
  let worker: Worker | null = null
  let hasListened = false
  let isServing = false
  let isStopping = false
  let earlyDeaths = 0
  let pause: NodeJS.Timeout | undefined
  fill()

  function fill(): void {
    const began = performance.now()
    let sentence: string | null = null
    const filling = cluster.fork({ [LEADER]: String(process.pid), [THREADS]: String(threads) })
    worker = filling
    filling.on('message', (message) => {
      const report = readReport(message)
      if (report?.type === 'ready') tell(filling, isStopping ? { type: 'stop' } : start())
      if (report?.type === 'failed') sentence = report.sentence
      if (report?.type === 'listening') greet(filling, report)
    })
    // A process that could not even be made has no exit. What else goes wrong between the two shows in its exit.
    filling.on('error', (error) => {
      if (filling.process.pid === undefined) empty(error.message)
    })
    filling.once('exit', (code, signal) =>
      empty(signal ?? `exit code ${code}`, {
        wasAsked: signal === 'SIGINT' || signal === 'SIGTERM' || (hasListened && code === 0),
      }),
    )

    /** Who was asked to end by a signal is no reason to give up: if all were, this process is about to hear of it. */
    function empty(how: string, { wasAsked = false } = {}): void {
      if (worker !== filling) return
      worker = null
      isServing = false
      const lived = performance.now() - began
      if (isStopping) emptied.resolve()
      else if (hasListened || wasAsked) replace(filling, { reason: sentence ?? how, wasAsked, lived })
      else fail(sentence ?? `A worker ended (${how}) before it could serve: see above for why, and start again.`)
    }
  }

  function greet(newcomer: Worker, { url, mounted }: Listening): void {
    if (hasListened) log.info({ worker: newcomer.process.pid }, 'a worker has taken the place of one that ended')
    hasListened = true
    isServing = true
    first.resolve({ url, mounted })
  }

  function fail(sentence: string): void {
    isStopping = true
    first.reject(new Error(sentence))
  }

  function replace(
    { process: { pid } }: Worker,
    { reason, wasAsked, lived }: { reason: string; wasAsked: boolean; lived: number },
  ): void {
    if (lived >= SETTLED) earlyDeaths = 0
    const wait = earlyDeaths === 0 ? 0 : Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (earlyDeaths - 1))
    earlyDeaths++
    const facts = { worker: pid, reason, pause: wait }
    if (wasAsked) log.info(facts, 'a worker ended as it was asked to; another takes its place after the pause')
    else log.error(facts, 'a worker died; another takes its place after the pause')
    pause = setTimeout(fill, wait)
  }

  return {
    listening: first.promise,
    isServing: () => isServing,
    async stop() {
      isStopping = true
      clearTimeout(pause)
      if (worker === null) return
      const last = worker
      tell(last, { type: 'stop' })
      const deadline = setTimeout(() => {
        log.error({ worker: last.process.pid }, 'a worker did not end in time and was killed')
        last.process.kill('SIGKILL')
      }, LONGEST_STOP)
      await emptied.promise
      clearTimeout(deadline)
    },
  }
}

/** To a worker that is gone nothing can be told: its end says more than the failure to tell it. */
function tell(worker: Worker, order: Order): void {
  if (worker.isConnected()) worker.send(order, () => {})
}
