import { rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeFolder, startLatchkey } from '../../../bench/processes/start-latchkey.ts'
import type { Finding, Outcome, Promised } from './outcome.ts'
import { startChecking } from './processes/start-process.ts'
import { openSite, SECRET, type Site } from './site.ts'
import { OWNER, warmUp } from './warm-up.ts'
import { readMemory, watchMemory } from './watch-memory.ts'

/** A server under attack. */
export type Siege = {
  readonly folder: string
  readonly port: number
  /** The memory that the server has in RAM now, in MB. */
  readMemory(): number
  /** Calls the good client off and ends the server, so that its database can be looked into. */
  endServer(): Promise<void>
}

/** An attack, and what it is held against. */
export type Attack = {
  readonly scenario: string
  /** Fills the database before the server starts. */
  prepare?(site: Site): Promise<void>
  attack(siege: Siege): Promise<Finding>
  /** The good client's slowest but one in a hundred, in milliseconds. */
  readonly goodWithin: number
  /** How much the server's memory may have grown a moment after, in MB. */
  readonly memoryWithin: number
}

/** For how long the good client checks at least, in milliseconds: of a few checks there is no slowest in a hundred. */
const LEAST = 3000
/** A moment, in milliseconds. */
const MOMENT = 2000

/**
 * Starts a server with default settings behind a trusted proxy on loopback, so that one machine can be many networks,
 * and attacks it while a good client checks its token 50 times a second.
 */
export async function besiege({ scenario, prepare, attack, goodWithin, memoryWithin }: Attack): Promise<Outcome> {
  const folder = makeFolder()
  const site = await openSite(folder)
  await site.addAccounts([OWNER])
  await prepare?.(site)
  await site.close()
  const server = await startLatchkey(folder, {
    env: { LATCHKEY_SECRET: SECRET, LATCHKEY_TRUSTED_PROXIES: '127.0.0.1' },
  })
  const checking = startChecking()
  try {
    const token = await warmUp(server.port)
    await checking.run({ command: 'start', port: server.port, token })
    await sleep(LEAST)
    const quiet = await checking.run({ command: 'stop' })
    const watch = watchMemory(server.pid)
    await checking.run({ command: 'start', port: server.port, token })
    const started = performance.now()
    let stoodDown: Promise<Pick<Outcome, 'good' | 'memory'>> | null = null
    const callOff = async () => {
      await sleep(Math.max(0, LEAST - (performance.now() - started)))
      const good = await checking.run({ command: 'stop' })
      await sleep(MOMENT)
      return { good, memory: watch.stop() }
    }
    const standDown = () => {
      stoodDown ??= callOff()
      return stoodDown
    }
    const finding = await attack({
      folder,
      port: server.port,
      readMemory: () => readMemory(server.pid),
      async endServer() {
        await standDown()
        await server.stop()
      },
    })
    const { good, memory } = await standDown()
    const promises = [...finding.promises, ...judge({ finding, good, memory, goodWithin, memoryWithin })]
    return { scenario, ...finding, remarks: finding.remarks ?? [], memory, quiet, good, promises }
  } finally {
    await Promise.all([server.stop(), checking.stop()])
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What holds for every attack. */
function judge({
  finding,
  good,
  memory,
  goodWithin,
  memoryWithin,
}: Pick<Outcome, 'good' | 'memory'> & Pick<Attack, 'goodWithin' | 'memoryWithin'> & { finding: Finding }): Promised[] {
  const grown = memory.after - memory.before
  const { checks, health, failures } = good
  return [
    { words: `no 5xx but 503: ${finding.faults}`, isKept: finding.faults === 0 },
    {
      words: `checks of a token within ${goodWithin} ms: p99 ${checks.p99.toFixed(1)} of ${checks.count}`,
      isKept: checks.count > 0 && checks.p99 < goodWithin,
    },
    {
      words: `health within ${goodWithin} ms: p99 ${health.p99.toFixed(1)} of ${health.count}`,
      isKept: health.count > 0 && health.p99 < goodWithin,
    },
    {
      words: `the good client was never turned away: ${failures.join(', ') || 'never'}`,
      isKept: failures.length === 0,
    },
    {
      words: `no more than ${memoryWithin} MB more memory afterwards: ${grown.toFixed(0)}`,
      isKept: grown <= memoryWithin,
    },
  ]
}
