import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { type LatchkeyProcess, startLatchkey } from '../processes/start-latchkey.ts'
import type { Database } from './database.ts'
import { PUBLIC_URL, SECRET } from './open-site.ts'

/** `latchkey serve` on a filled database, with as many workers as are wanted. */
export type Server = LatchkeyProcess

/**
 * Starts a server and waits for its first answer.
 *
 * @param folder where its log goes.
 * @throws {Error} with what it printed, when it does not come up.
 */
export function startServer(
  database: Database,
  { workers, folder }: { workers: number; folder: string },
): Promise<Server> {
  return startLatchkey(mkdtempSync(join(folder, 'server-')), {
    args: ['--workers', String(workers)],
    env: { DATABASE_URL: database.url, LATCHKEY_SECRET: SECRET, LATCHKEY_PUBLIC_URL: PUBLIC_URL },
  })
}
