import { CORES } from '../tools/describe-machine.ts'
import { showProgress } from '../tools/show-progress.ts'
import type { Database } from './database.ts'
import { openSite } from './open-site.ts'
import { readTreeMemory } from './read-tree.ts'
import { startSpreadLoad, writeRequests } from './spread-load.ts'
import { startServer } from './start-server.ts'

/** How long each kind of request is asked for before memory is read, in milliseconds. */
const WORK = 4000

/** What the processes of a server take, in MB of a million bytes, with all their accounts in the database and none in memory. */
export type MemoryRow = {
  readonly engine: string
  readonly accounts: string
  readonly workers: number
  /** Right after the first answer, and after thousands of checks, refreshes and logins all over the table. */
  readonly afterStart: number
  readonly afterWork: number
  /** Of that, the largest process. */
  readonly largest: number
}

/** Resident memory of a server on a large database, with one worker and with two. */
export async function measureMemory(database: Database, { folder }: { folder: string }): Promise<readonly MemoryRow[]> {
  const site = await openSite(database)
  const requests = await writeRequests(site).finally(() => site.close())
  const rows: MemoryRow[] = []
  for (const workers of [1, 2].filter((workers) => workers <= CORES)) {
    showProgress(`${database.engine} ${database.size}: memory with ${workers} worker${workers === 1 ? '' : 's'}`)
    const server = await startServer(database, { workers, folder })
    const load = startSpreadLoad()
    try {
      const afterStart = sum(readTreeMemory(server.pid))
      for (const kind of ['key', 'jwt', 'refresh', 'login'] as const) {
        const task = { port: server.port, connections: 8, milliseconds: WORK, from: 0, status: 200, isAwake: false }
        await load.run({ ...task, requests: requests[kind] })
      }
      const processes = readTreeMemory(server.pid)
      rows.push({
        engine: database.engine,
        accounts: database.size,
        workers,
        afterStart,
        afterWork: sum(processes),
        largest: Math.max(...processes),
      })
    } finally {
      await Promise.all([server.stop(), load.stop()])
    }
  }
  return rows
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
