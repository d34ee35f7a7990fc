import { CORES } from '../tools/describe-machine.ts'
import { showProgress } from '../tools/show-progress.ts'
import type { Database } from './database.ts'
import { type LatencyRow, toLatencyRow } from './latency-row.ts'
import { openSite, type Site } from './open-site.ts'
import { OPERATIONS, type Operation } from './operations.ts'
import { stayAwake } from './stay-awake.ts'

const ROUNDS = 24
/** In each round, of each operation at each size. */
const READS = 400
const WRITES = 100
/** Not counted, at the beginning of a turn: whose turn it was not has grown cold. */
const WARM_UP = 20

/** How long each operation takes at each size, one at a time. The sizes take turns, so that what disturbs one disturbs all. */
export async function measureLatency(databases: readonly Database[]): Promise<readonly LatencyRow[]> {
  const sites: Site[] = []
  try {
    for (const database of databases) sites.push(await openSite(database))
    const times = new Map(OPERATIONS.map((operation) => [operation, sites.map((): number[] => [])]))
    for (let round = 0; round < ROUNDS; round++) {
      for (const { database } of sites) database.warm()
      for (const [operation, ofSites] of times) {
        for (let turn = 0; turn < sites.length; turn++) {
          const index = (turn + round) % sites.length
          const site = sites[index]
          if (site !== undefined) ofSites[index]?.push(...(await timeTurn(site, operation)))
        }
      }
      if (round % 4 === 3) showProgress(`latency on ${databases[0]?.engine}: round ${round + 1} of ${ROUNDS}`)
    }
    return [...times].map(([{ name }, ofSites]) => toLatencyRow(name, databases, ofSites))
  } finally {
    await Promise.all(sites.map((site) => site.close()))
  }
}

async function timeTurn(site: Site, operation: Operation): Promise<readonly number[]> {
  const count = WARM_UP + (operation.isWrite ? WRITES : READS)
  const actions: (() => Promise<void>)[] = []
  for (let index = 0; index < count; index++) actions.push(await operation.prepare(site))
  const rest = CORES > 1 ? stayAwake() : () => {}
  const times: number[] = []
  for (const action of actions) {
    const started = performance.now()
    await action()
    times.push((performance.now() - started) * 1000)
  }
  rest()
  return times.slice(WARM_UP)
}
