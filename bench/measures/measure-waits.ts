import { startBareServer, startHasher, startLoad } from '../processes/start-children.ts'
import { makeFolder, startLatchkey } from '../processes/start-latchkey.ts'
import type { Row } from '../row.ts'
import { askOnce } from '../tools/ask-once.ts'
import { CORES } from '../tools/describe-machine.ts'
import { showProgress } from '../tools/show-progress.ts'
import { median } from '../tools/statistics.ts'
import { openAccounts, openChecks } from './open-accounts.ts'

const ROUNDS = 4
const ROUND = 8000
/** How much longer the load runs than the checks, before and after them. */
const MARGIN = 500
/** Checks per second: far from what the server can answer, so that what is seen is waiting and not queueing. */
const RATE = 200
const CONNECTIONS = 16

/**
 * How long `GET /v1/session` takes while as many logins as possible come in. Beside it, in turns: the same checks at
 * bare `node:http` while another process hashes as fast as it can, which is what the machine itself makes one wait.
 */
export async function measureWaits(): Promise<readonly Row[]> {
  const server = await startLatchkey(makeFolder())
  const checking = startLoad()
  const loggingIn = startLoad()
  const hasher = startHasher()
  const opened: { stop(): Promise<void> }[] = [server, checking, loggingIn, hasher]
  try {
    const accounts = await openAccounts(server.port, CORES * 4)
    const checks = await openChecks(server.port, accounts)
    const requests = checks.key.flatMap((key, index) => [key, checks.jwt[index] ?? key])
    const bare = await startBareServer(await askOnce(server.port, requests[0] ?? ''))
    opened.push(bare)

    const check = async (port: number, milliseconds: number) => {
      await new Promise((resolve) => setTimeout(resolve, MARGIN))
      return checking.run({ port, connections: CONNECTIONS, milliseconds, requests, status: 200, rate: RATE })
    }
    const checkUnderLogins = async (milliseconds: number) => {
      const time = milliseconds + 2 * MARGIN
      const logins = { port: server.port, connections: CORES * 4, milliseconds: time, status: 200 }
      const [{ latency }, { perSecond }] = await Promise.all([
        check(server.port, milliseconds),
        loggingIn.run({ ...logins, requests: accounts.keyLogins }),
      ])
      return { p99: latency.p99, p50: latency.p50, longest: latency.longest, loginsPerSecond: perSecond }
    }
    const checkUnderHashes = async (milliseconds: number) => {
      const [{ latency }] = await Promise.all([
        check(bare.port, milliseconds),
        hasher.run({ milliseconds: milliseconds + 2 * MARGIN, atOnce: CORES }),
      ])
      return { bareP99: latency.p99, bareP50: latency.p50, bareLongest: latency.longest }
    }

    showProgress('checks while logins saturate: warming up')
    await checkUnderLogins(2000)
    await checkUnderHashes(1000)
    const rounds: (Awaited<ReturnType<typeof checkUnderLogins>> & Awaited<ReturnType<typeof checkUnderHashes>>)[] = []
    for (let round = 1; round <= ROUNDS; round++) {
      const ours = await checkUnderLogins(ROUND)
      const floor = await checkUnderHashes(ROUND)
      rounds.push({ ...ours, ...floor })
      showProgress(
        `checks while logins saturate: round ${round} of ${ROUNDS}: p99 ${ours.p99.toFixed(1)} ms, median ${ours.p50.toFixed(1)} ms at ${ours.loginsPerSecond.toFixed(0)} logins/s; bare p99 ${floor.bareP99.toFixed(1)} ms`,
      )
    }
    return [toRow(rounds)]
  } finally {
    await Promise.all(opened.map((one) => one.stop()))
  }
}

function toRow(rounds: readonly { p99: number; bareP99: number; [name: string]: number }[]): Row {
  const p99 = median(rounds.map((round) => round.p99))
  return {
    measure: 'p99 of GET /v1/session while logins saturate',
    value: `${p99.toFixed(1)} ms`,
    ratio: median(rounds.map((round) => round.p99 / round.bareP99)),
    against: 'bare beside hashing',
    judged: p99,
    reach: { below: 20 },
    reachInWords: '< 20 ms',
    rounds,
  }
}
