import { setTimeout as sleep } from 'node:timers/promises'
import { doTasks } from '../../../../bench/processes/do-tasks.ts'
import { openLine } from './open-line.ts'
import { type Latency, startTally, summarise, type Tally } from './tally.ts'

/** One connection for each request, which is sent over and over. */
export type LoopTask = {
  readonly port: number
  readonly milliseconds: number
  readonly requests: readonly string[]
}

export type LoopResult = Tally & {
  /** Answers of 200 a second, over the time that was asked for. */
  readonly goodPerSecond: number
  /** How long the answers of 200 took. */
  readonly good: Latency
}

/** How many connections are opened at once: more would be a flood of another kind. */
const BATCH = 100
/** Where a refusal does not say when to come back, in milliseconds. */
const UNTOLD_WAIT = 1000

/** Clients that come back when they were told to. */
async function logInAgain({ port, milliseconds, requests }: LoopTask): Promise<LoopResult> {
  const lines = requests.map((request) => ({ request, line: openLine(port) }))
  for (let from = 0; from < lines.length; from += BATCH) {
    await Promise.all(lines.slice(from, from + BATCH).map(({ line }) => line.open()))
  }
  const tally = startTally()
  const times: number[] = []
  const started = performance.now()
  const left = () => milliseconds - (performance.now() - started)
  await Promise.all(
    lines.map(async ({ request, line }) => {
      while (left() > 0) {
        const answer = await line.ask(request)
        if (left() <= 0) return
        tally.count(answer)
        if (answer.status === 200) times.push(answer.took)
        else await sleep(Math.min(left(), answer.retryAfter === null ? UNTOLD_WAIT : answer.retryAfter * 1000))
      }
    }),
  )
  for (const { line } of lines) line.close()
  return { ...tally.sum(), goodPerSecond: (times.length * 1000) / milliseconds, good: summarise(times) }
}

doTasks(logInAgain)
