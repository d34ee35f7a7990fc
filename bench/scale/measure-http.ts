import { CORES } from '../tools/describe-machine.ts'
import { showProgress } from '../tools/show-progress.ts'
import { median, quantile } from '../tools/statistics.ts'
import type { Database } from './database.ts'
import { openSite } from './open-site.ts'
import { readTreeTime } from './read-tree.ts'
import { type Requests, type SpreadLoad, startSpreadLoad, writeRequests } from './spread-load.ts'
import { type Server, startServer } from './start-server.ts'

const ROUNDS = 5
/** Milliseconds. */
const ROUND = 1500
const WORKERS = [1, 2].filter((workers) => workers <= CORES)
const KINDS = {
  key: { name: 'GET /v1/session with a key', connections: 16 },
  jwt: { name: 'GET /v1/session with a JWT', connections: 16 },
  refresh: { name: 'POST /api/users/token/refresh/', connections: 16 },
  login: { name: 'POST /api/users/login/, document 002', connections: 4 * CORES },
} as const
type Kind = keyof typeof KINDS

/** What servers answer in a second, load generator and all on one machine. */
export type HttpRow = {
  readonly engine: string
  readonly request: string
  readonly workers: number
  readonly perSecond: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
  /** Processor time for an answer, in microseconds: of the server's processes, and of PostgreSQL's; `null` where untold. */
  readonly serverTime: number | null
  readonly databaseTime: number | null
}

type Round = { perSecond: number; times: readonly number[]; serverTime: number | null; databaseTime: number | null }

/**
 * Answers per second with one worker and with two, on one database. Both servers run all the time and take turns.
 *
 * @param databasePid PostgreSQL's process, or `null`.
 */
export async function measureHttp(
  database: Database,
  { folder, databasePid }: { folder: string; databasePid: number | null },
): Promise<readonly HttpRow[]> {
  database.warm()
  const site = await openSite(database)
  const requests = await writeRequests(site).finally(() => site.close())
  const load = startSpreadLoad()
  const servers: { workers: number; server: Server }[] = []
  try {
    for (const workers of WORKERS) servers.push({ workers, server: await startServer(database, { workers, folder }) })
    const cells = (Object.keys(KINDS) as Kind[]).flatMap((kind) => servers.map((server) => ({ kind, ...server })))
    const rounds = cells.map((): Round[] => [])
    // The first round warms up.
    for (let round = 0; round <= ROUNDS; round++) {
      for (const [index, { kind, server }] of cells.entries()) {
        const measured = await runRound(kind, { server, load, requests, round, databasePid })
        if (round > 0) rounds[index]?.push(measured)
      }
      showProgress(`${database.engine}: over HTTP, round ${round} of ${ROUNDS}`)
    }
    return cells.map(({ kind, workers }, index) => {
      const own = rounds[index] ?? []
      const times = own.flatMap((round) => round.times)
      return {
        engine: database.engine,
        request: KINDS[kind].name,
        workers,
        perSecond: median(own.map(({ perSecond }) => perSecond)),
        p50: quantile(times, 0.5),
        p99: quantile(times, 0.99),
        serverTime: medianOrNull(own.map(({ serverTime }) => serverTime)),
        databaseTime: medianOrNull(own.map(({ databaseTime }) => databaseTime)),
      }
    })
  } finally {
    await Promise.all([...servers.map(({ server }) => server.stop()), load.stop()])
  }
}

async function runRound(
  kind: Kind,
  {
    server,
    load,
    requests,
    round,
    databasePid,
  }: { server: Server; load: SpreadLoad; requests: Requests; round: number; databasePid: number | null },
): Promise<Round> {
  const read = () => ({
    server: readTreeTime(server.pid),
    database: databasePid === null ? null : readTreeTime(databasePid),
  })
  const before = read()
  const { perSecond, times } = await load.run({
    port: server.port,
    connections: KINDS[kind].connections,
    milliseconds: ROUND,
    requests: requests[kind],
    from: Math.floor((requests[kind].length * round) / (ROUNDS + 1)),
    status: 200,
    // Where two workers and the generator share two cores, one that never slept would take a third of them.
    isAwake: false,
  })
  const after = read()
  const each = (early: number | null, late: number | null) =>
    early === null || late === null ? null : ((late - early) * 1000) / times.length
  return {
    perSecond,
    times,
    serverTime: each(before.server, after.server),
    databaseTime: each(before.database, after.database),
  }
}

function medianOrNull(numbers: readonly (number | null)[]): number | null {
  const known = numbers.filter((number) => number !== null)
  return known.length === 0 ? null : median(known)
}
