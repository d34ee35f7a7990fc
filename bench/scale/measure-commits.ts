import { CORES } from '../tools/describe-machine.ts'
import { showProgress } from '../tools/show-progress.ts'
import { median } from '../tools/statistics.ts'
import type { Database } from './database.ts'
import { CALLERS, keepBusy, type Throughput } from './keep-busy.ts'
import { openSite, type Site } from './open-site.ts'
import { OPERATIONS, type Operation } from './operations.ts'

const ROUNDS = 3
/** Milliseconds. */
const ROUND = 1000
/** What is got ready before a round begins; whatever more is needed is got ready in it. */
const PREPARED = 3000

/** How many of an operation the database takes in a second, without HTTP and without hashes. Times are in milliseconds. */
export type CommitRow = Throughput & {
  readonly engine: string
  readonly operation: string
  /** Connections of the pool; `null` where there is one database handle and no pool. */
  readonly connections: number | null
  readonly callers: number
}

type Cell = {
  readonly site: Site
  readonly operation: Operation
  readonly connections: number | null
  readonly callers: number
}

/** Throughput of what ends in a commit, and of refreshes, which write nothing, by the number of concurrent callers. */
export async function measureCommits(database: Database): Promise<readonly CommitRow[]> {
  database.warm()
  // The pool that a server has here; and one that lets all callers in at once, to see what a larger one would give.
  const pools = database.engine === 'postgres' ? [CORES, (Math.max(...CALLERS) - 2) / 2] : [CORES]
  const sites: Site[] = []
  try {
    for (const cores of pools) sites.push(await openSite(database, { cores }))
    const cells = sites.flatMap((site, index) => {
      const connections = database.engine === 'postgres' ? 2 * (pools[index] ?? 0) + 2 : null
      // What only reads needs no more connections than there are cores.
      const operations = OPERATIONS.filter(({ isWrite, name }) => isWrite || (name === 'refresh' && index === 0))
      return operations.flatMap((operation) => CALLERS.map((callers) => ({ site, operation, connections, callers })))
    })
    const rounds = cells.map((): Throughput[] => [])
    for (let round = 0; round < ROUNDS; round++) {
      for (const [index, cell] of cells.entries()) rounds[index]?.push(await runRound(cell))
      showProgress(`${database.engine}: commits by concurrent callers: round ${round + 1} of ${ROUNDS}`)
    }
    return cells.map(({ operation, connections, callers }, index) => {
      const own = rounds[index] ?? []
      return {
        engine: database.engine,
        operation: operation.name,
        connections,
        callers,
        perSecond: median(own.map(({ perSecond }) => perSecond)),
        p50: median(own.map(({ p50 }) => p50)),
        p99: median(own.map(({ p99 }) => p99)),
      }
    })
  } finally {
    await Promise.all(sites.map((site) => site.close()))
  }
}

async function runRound({ site, operation, callers }: Cell): Promise<Throughput> {
  const actions: (() => Promise<void>)[] = []
  for (let index = 0; index < PREPARED; index++) actions.push(await operation.prepare(site))
  return keepBusy({ callers, milliseconds: ROUND }, async () => {
    const action = actions.pop() ?? (await operation.prepare(site))
    await action()
  })
}
