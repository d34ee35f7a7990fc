import { CORES } from '../tools/describe-machine.ts'
import { showProgress } from '../tools/show-progress.ts'
import type { Database } from './database.ts'
import { type LatencyRow, toLatencyRow } from './latency-row.ts'
import { openSite } from './open-site.ts'
import { type Requests, startSpreadLoad, writeRequests } from './spread-load.ts'
import { type Server, startServer } from './start-server.ts'

const ROUNDS = 10
/** Milliseconds. */
const ROUND = 600
const KINDS = { key: 'GET /v1/session, key', jwt: 'GET /v1/session, JWT', refresh: 'POST …/token/refresh/' } as const

/**
 * How long a client waits for an answer at each size, one request at a time over one connection: the same lookups with
 * all that is around them. A server for each size, and they take turns.
 */
export async function measureHttpLatency(
  databases: readonly Database[],
  { folder }: { folder: string },
): Promise<readonly LatencyRow[]> {
  const load = startSpreadLoad()
  const sites: { database: Database; server: Server; requests: Requests }[] = []
  try {
    for (const database of databases) {
      const site = await openSite(database)
      const requests = await writeRequests(site).finally(() => site.close())
      sites.push({ database, requests, server: await startServer(database, { workers: 1, folder }) })
    }
    const rows: LatencyRow[] = []
    for (const kind of ['key', 'jwt', 'refresh'] as const) {
      const times = sites.map((): number[] => [])
      // The first round warms up.
      for (let round = 0; round <= ROUNDS; round++) {
        for (const { database } of sites) database.warm()
        for (let turn = 0; turn < sites.length; turn++) {
          const index = (turn + round) % sites.length
          const site = sites[index]
          if (site === undefined) continue
          const from = Math.floor((site.requests[kind].length * round) / (ROUNDS + 1))
          const measured = await load.run({
            port: site.server.port,
            connections: 1,
            milliseconds: ROUND,
            requests: site.requests[kind],
            from,
            status: 200,
            isAwake: CORES > 1,
          })
          if (round > 0) times[index]?.push(...measured.times.map((milliseconds) => milliseconds * 1000))
        }
      }
      rows.push(toLatencyRow(KINDS[kind], databases, times))
      showProgress(`${databases[0]?.engine}: waiting for ${KINDS[kind]}, done`)
    }
    return rows
  } finally {
    await Promise.all([...sites.map(({ server }) => server.stop()), load.stop()])
  }
}
