import assert from 'node:assert/strict'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeDirectory, type ServerProcess, startServerProcess } from '../kit/server-process.ts'
import { checkLedger, type Recovered } from './checker.ts'
import { openLedger, readLedger } from './ledger.ts'
import { type Load, startLoad, type Target } from './load.ts'
import { send } from './send.ts'

/** Whether the long version was asked for: the same scenarios, more often and for longer. */
export const IS_LONG = process.env.LATCHKEY_FAULTS === 'long'

const WRITERS = 8

/** A database under test, of whichever engine. */
export type Database = Omit<Recovered, 'url'> &
  Pick<Target, 'setActive'> & {
    /** Settings for a server on it. */
    readonly env: Readonly<Record<string, string>>
  }

/** A fault while clients are at work. */
export type Scene = {
  readonly load: Load
  /** The server that the clients ask; another one after `replace`. */
  server(): ServerProcess
  /** Lets the clients ask another server from now on, or several. */
  replace(...servers: readonly ServerProcess[]): void
  /** Waits until so many more requests were done and acknowledged. */
  succeed(count: number): Promise<void>
  /** Waits until so many more were answered "not now". */
  refuse(count: number): Promise<void>
  /** What `/readyz` says now: its status, or 0 where nobody answers. */
  readiness(): Promise<number>
  /** Asks for `/healthz` until `isOver`. @returns the longest wait for an answer, in milliseconds. */
  watchHealth(isOver: () => boolean): Promise<number>
}

/**
 * Plays a fault under load: a server, eight clients and their ledger; then `fault`, which also sees to it that requests
 * are done again at the end; then a fresh server, and the proof that all that was acknowledged is true.
 *
 * @param fault says in a few words what was tried.
 * @param start starts the servers, where they need more than the settings of the database.
 */
export async function play(
  t: TestContext,
  database: Database,
  fault: (scene: Scene) => Promise<string>,
  start: () => Promise<ServerProcess> = () => startServerProcess(database.env),
): Promise<void> {
  const ledger = openLedger(join(makeDirectory(), 'ledger'))
  let servers: readonly ServerProcess[] = [await start()]
  const server = () => {
    const chosen = servers[Math.floor(Math.random() * servers.length)]
    if (chosen === undefined) throw new Error('There is no server.')
    return chosen
  }
  const load = startLoad({ url: () => server().url, setActive: database.setActive }, { ledger, writers: WRITERS })
  try {
    const scene: Scene = {
      load,
      server,
      replace: (...next) => {
        servers = next
      },
      succeed: (count) => countUp(count, () => load.counts().acknowledged),
      refuse: (count) => countUp(count, () => load.counts().unavailable),
      readiness: async () => (await send(server().url, { method: 'GET', path: '/readyz' })).answered.status,
      watchHealth: (isOver) => watchHealth(() => server().url, isOver),
    }
    await scene.succeed(20)
    const tried = await fault(scene)
    await load.stop()
    assert.deepEqual(load.violations, [])
    await end(servers)
    servers = [await start()]
    const entries = readLedger(ledger.path)
    const { findings, accounts, answers } = await checkLedger(entries, { ...database, url: server().url })
    assert.deepEqual(findings, [])
    const { unavailable, broken } = load.counts()
    t.diagnostic(
      `${tried}; ${WRITERS} writers, ${answers} acknowledged answers about ${accounts} accounts checked, none lost (${unavailable} answered 503, ${broken} connections broken)`,
    )
  } finally {
    await load.stop().catch(() => {})
    ledger.close()
    await end(servers)
  }
}

async function end(servers: readonly ServerProcess[]): Promise<void> {
  for (const server of servers) server.terminate()
  for (const server of servers) await server.ended
}

async function countUp(count: number, read: () => number): Promise<void> {
  const goal = read() + count
  // A minute is far more than any fault here lasts.
  for (let tries = 0; read() < goal; tries++) {
    assert.ok(tries < 6000, `After a minute there were ${read()} of ${goal}.`)
    await sleep(10)
  }
}

async function watchHealth(url: () => string, isOver: () => boolean): Promise<number> {
  let longest = 0
  while (!isOver()) {
    const asked = performance.now()
    const { answered } = await send(url(), { method: 'GET', path: '/healthz' })
    assert.equal(answered.status, 200)
    longest = Math.max(longest, performance.now() - asked)
    await sleep(50)
  }
  return longest
}
