import { totalmem } from 'node:os'
import { type PostgresServer, startPostgres as startTestPostgres } from '../../server/test/kit/postgres-server.ts'

/** The most that is set aside for pages: the largest database fits. */
const MOST_SHARED = 2 * 2 ** 30

/** What the server is started with, besides its own defaults: every commit is on disk before it is told. */
export function postgresSettings(): Readonly<Record<string, string>> {
  // A quarter of the memory, as PostgreSQL's manual has it.
  const shared = Math.min(totalmem() / 4, MOST_SHARED)
  return { shared_buffers: `${Math.floor(shared / 2 ** 20)}MB`, fsync: 'on', synchronous_commit: 'on' }
}

/** A PostgreSQL server of the benchmark's own, with its data in `folder`: on the project's disk, as all databases here. */
export async function startPostgres(folder: string): Promise<PostgresServer> {
  const before = process.env.TMPDIR
  process.env.TMPDIR = folder
  try {
    return await startTestPostgres({ settings: postgresSettings() })
  } finally {
    if (before === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = before
  }
}
