import { openConnection } from '../processes/connection.ts'
import { doTasks } from '../processes/do-tasks.ts'
import { stayAwake } from './stay-awake.ts'

/** What to ask for: each request once, in order, and then again from the first. */
export type SpreadTask = {
  readonly port: number
  readonly connections: number
  readonly milliseconds: number
  readonly requests: readonly string[]
  /** Where among the requests to begin: rounds that go on where the last one ended touch more of the table. */
  readonly from: number
  /** The status that every answer must have. */
  readonly status: number
  readonly isAwake: boolean
}

/** Milliseconds. */
export type SpreadResult = { readonly perSecond: number; readonly times: readonly number[] }

/** Every connection asks for the next as soon as it is answered, until the time is over. */
async function generateSpreadLoad(task: SpreadTask): Promise<SpreadResult> {
  const failure = Promise.withResolvers<never>()
  const connections = await Promise.all(
    Array.from({ length: task.connections }, () => openConnection(task.port, task.status, failure.reject)),
  )
  const requests = task.requests.map((text) => Buffer.from(text))
  const times: number[] = []
  const rest = task.isAwake ? stayAwake() : () => {}
  const started = performance.now()
  let asked = task.from
  const work = connections.map(
    (connection) =>
      new Promise<void>((resolve) => {
        const ask = () => {
          const since = performance.now()
          if (since - started >= task.milliseconds) return resolve()
          connection.send(requests[asked++ % requests.length] ?? Buffer.alloc(0), () => {
            times.push(performance.now() - since)
            ask()
          })
        }
        ask()
      }),
  )
  try {
    await Promise.race([Promise.all(work), failure.promise])
    return { perSecond: (times.length * 1000) / (performance.now() - started), times }
  } finally {
    rest()
    for (const connection of connections) connection.close()
  }
}

doTasks(generateSpreadLoad)
