import { type Connection, openConnection } from './connection.ts'
import { doTasks } from './do-tasks.ts'

/** What to ask for. Each connection has one of the requests, over and over. */
export type LoadTask = {
  readonly port: number
  readonly connections: number
  readonly milliseconds: number
  readonly requests: readonly string[]
  /** The status that every answer must have. */
  readonly status: number
  /** Requests per second, or as many as are answered. */
  readonly rate?: number
  /** Whether to keep a core to oneself rather than to sleep while no answer is there. */
  readonly isAwake?: boolean
}

/** Latencies are in milliseconds, from the moment a request was due. */
export type LoadResult = {
  readonly completed: number
  readonly perSecond: number
  readonly latency: { readonly p50: number; readonly p99: number; readonly longest: number }
}

/** How many latencies are kept: the first ones. */
const KEPT = 1_000_000

async function generateLoad(task: LoadTask): Promise<LoadResult> {
  const latencies = new Float64Array(KEPT)
  const failure = Promise.withResolvers<never>()
  const connections = await Promise.race([
    Promise.all(Array.from({ length: task.connections }, () => openConnection(task.port, task.status, failure.reject))),
    failure.promise,
  ])
  const requests = task.requests.map((text) => Buffer.from(text))
  const started = performance.now()
  let completed = 0
  const count = (since: number) => {
    if (completed < KEPT) latencies[completed] = performance.now() - since
    completed++
  }
  const run = task.rate === undefined ? runClosed : runAtRate
  const rest = task.isAwake === true ? stayAwake() : () => {}
  try {
    await Promise.race([run(task, { connections, requests, started, count }), failure.promise])
    const took = performance.now() - started
    return { completed, perSecond: (completed * 1000) / took, latency: summarise(latencies, completed) }
  } finally {
    rest()
    for (const connection of connections) connection.close()
  }
}

/**
 * Keeps this process from sleeping. To wake a sleeping client costs a server ten microseconds and more where the
 * machine is virtual, and only the slower of two servers lets its client fall asleep: it would pay for that twice.
 *
 * @returns what lets it sleep again.
 */
function stayAwake(): () => void {
  let isOver = false
  const turn = () => {
    if (!isOver) setImmediate(turn)
  }
  turn()
  return () => {
    isOver = true
  }
}

type Running = {
  readonly connections: readonly Connection[]
  readonly requests: readonly Buffer[]
  readonly started: number
  readonly count: (since: number) => void
}

/** Every connection asks again as soon as it is answered, until the time is over. */
function runClosed({ milliseconds }: LoadTask, { connections, requests, started, count }: Running): Promise<void> {
  return new Promise((resolve) => {
    let open = connections.length
    for (const [index, connection] of connections.entries()) {
      const request = requests[index % requests.length] ?? Buffer.alloc(0)
      let since = 0
      const answered = () => {
        count(since)
        ask()
      }
      const ask = () => {
        since = performance.now()
        if (since - started < milliseconds) connection.send(request, answered)
        else if (--open === 0) resolve()
      }
      ask()
    }
  })
}

/**
 * Asks at a fixed rate, whatever the answers take: one that is due while all connections are busy waits, and its
 * waiting counts. That this process itself came late to a request is not the server's delay and does not.
 */
function runAtRate(task: LoadTask, { connections, requests, started, count }: Running): Promise<void> {
  const { milliseconds, rate = 1 } = task
  return new Promise((resolve) => {
    const idle = [...connections]
    const due: number[] = []
    const wanted = Math.floor((milliseconds / 1000) * rate)
    let asked = 0
    let answered = 0
    const timer = setInterval(() => {
      const now = performance.now()
      for (; asked < wanted && asked < ((now - started) / 1000) * rate; asked++) due.push(now)
      sendDue()
    }, 1)

    function sendDue(): void {
      while (due.length > 0) {
        const connection = idle.pop()
        if (connection === undefined) return
        const since = due.shift() ?? 0
        const request = requests[answered % requests.length] ?? Buffer.alloc(0)
        connection.send(request, () => {
          count(since)
          idle.push(connection)
          if (++answered === wanted) {
            clearInterval(timer)
            resolve()
          } else sendDue()
        })
      }
    }
  })
}

function summarise(latencies: Float64Array, completed: number): LoadResult['latency'] {
  const sorted = latencies.subarray(0, Math.min(completed, KEPT)).sort()
  const at = (share: number) => sorted[Math.ceil(sorted.length * share) - 1] ?? 0
  return { p50: at(0.5), p99: at(0.99), longest: at(1) }
}

doTasks(generateLoad)
