import { Agent, request as httpRequest } from 'node:http'
import { doTasks } from '../../../../bench/processes/do-tasks.ts'
import { type Latency, summarise } from './tally.ts'

/** Begin, or stop and tell. */
export type CheckingTask =
  | { readonly command: 'start'; readonly port: number; readonly token: string }
  | { readonly command: 'stop' }

/** How the good client fared. */
export type CheckingResult = {
  readonly checks: Latency
  readonly health: Latency
  /** Answers other than 200, and connections that broke. */
  readonly failures: readonly string[]
}

/** A check of a token every so many milliseconds, and of the server's health. */
const CHECK_EVERY = 20
const HEALTH_EVERY = 100
/** As a pool of a service that uses Latchkey has. */
const CONNECTIONS = 16

const NOTHING: CheckingResult = { checks: summarise([]), health: summarise([]), failures: [] }

let stop: () => Promise<CheckingResult> = async () => NOTHING

/** A client that does what the product is for, whatever others do meanwhile. */
function check({ port, token }: { port: number; token: string }): () => Promise<CheckingResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
  const times = { checks: [] as number[], health: [] as number[] }
  const failures: string[] = []
  const underWay = new Set<Promise<void>>()
  const ask = (path: string, kept: number[]) => {
    const asking = askOnce(path, kept).finally(() => underWay.delete(asking))
    underWay.add(asking)
  }
  const timers = [
    setInterval(() => ask('/v1/session', times.checks), CHECK_EVERY),
    setInterval(() => ask('/healthz', times.health), HEALTH_EVERY),
  ]
  return async () => {
    for (const timer of timers) clearInterval(timer)
    await Promise.all(underWay)
    agent.destroy()
    return { checks: summarise(times.checks), health: summarise(times.health), failures: failures.slice(0, 20) }
  }

  function askOnce(path: string, kept: number[]): Promise<void> {
    const since = performance.now()
    return new Promise((resolve) => {
      const headers = { authorization: `Bearer ${token}` }
      const outgoing = httpRequest({ host: '127.0.0.1', port, path, agent, headers }, (incoming) => {
        incoming.resume()
        incoming.on('end', () => {
          kept.push(performance.now() - since)
          if (incoming.statusCode !== 200) failures.push(`${path} ${incoming.statusCode}`)
          resolve()
        })
      })
      outgoing.on('error', (error) => {
        failures.push(`${path} ${error.message}`)
        resolve()
      })
      outgoing.end()
    })
  }
}

doTasks(async (task: CheckingTask): Promise<CheckingResult> => {
  if (task.command === 'stop') return stop()
  stop = check(task)
  return NOTHING
})
