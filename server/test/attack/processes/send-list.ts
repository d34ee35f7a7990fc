import { doTasks } from '../../../../bench/processes/do-tasks.ts'
import { openLine } from './open-line.ts'
import { startTally, type Tally } from './tally.ts'

/** Requests to send once each, so many at once, each on a connection that is kept. */
export type ListTask = {
  readonly port: number
  readonly atOnce: number
  readonly requests: readonly string[]
  /** Whether to tell how long each took. */
  readonly keepsTimes?: boolean
}

export type ListResult = Tally & {
  /** Milliseconds for all of it, connections not counted. */
  readonly took: number
  /** Where they were asked for: status and milliseconds of each request, in the order of the requests. */
  readonly answers: readonly (readonly [status: number, took: number])[]
}

async function sendList({ port, atOnce, requests, keepsTimes = false }: ListTask): Promise<ListResult> {
  const lines = Array.from({ length: Math.min(atOnce, requests.length) }, () => openLine(port))
  await Promise.all(lines.map((line) => line.open()))
  const tally = startTally()
  const answers: [number, number][] = []
  const started = performance.now()
  let next = 0
  await Promise.all(
    lines.map(async (line) => {
      for (let index = next++; index < requests.length; index = next++) {
        const answer = await line.ask(requests[index] ?? '')
        tally.count(answer)
        if (keepsTimes) answers[index] = [answer.status, answer.took]
      }
    }),
  )
  const took = performance.now() - started
  for (const line of lines) line.close()
  return { ...tally.sum(), took, answers }
}

doTasks(sendList)
