import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { askOnce } from '../tools/ask-once.ts'
import { findFreePort } from '../tools/find-free-port.ts'
import { writeRequest } from '../tools/write-request.ts'
import type { Database } from './database.ts'
import { PUBLIC_URL, SECRET } from './open-site.ts'

/** `latchkey serve` on a filled database, with as many workers as are wanted. */
export type Server = { readonly pid: number; readonly port: number; stop(): Promise<void> }

const BIN = join(import.meta.dirname, '../../server/bin/latchkey.js')
/** How long a start or a stop may take, in milliseconds. */
const PATIENCE = 30_000
const HEALTH = writeRequest({ method: 'GET', path: '/healthz' })

/**
 * Starts a server and waits for its first answer.
 *
 * @param folder where its log goes.
 * @throws {Error} with what it printed, when it does not come up.
 */
export async function startServer(
  database: Database,
  { workers, folder }: { workers: number; folder: string },
): Promise<Server> {
  const port = await findFreePort()
  const log = join(mkdtempSync(join(folder, 'server-')), 'server.log')
  const output = openSync(log, 'a')
  const child = spawn(process.execPath, [BIN, 'serve', '--workers', String(workers)], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      PORT: String(port),
      DATABASE_URL: database.url,
      LATCHKEY_SECRET: SECRET,
      LATCHKEY_PUBLIC_URL: PUBLIC_URL,
    },
    stdio: ['ignore', output, output],
  })
  process.once('exit', () => child.kill('SIGKILL'))
  try {
    await waitForAnswer(child, port)
  } catch (error) {
    child.kill('SIGKILL')
    throw new Error(`Latchkey did not start; it said:\n${readFileSync(log, 'utf8').slice(-2000)}`, { cause: error })
  }
  return { pid: child.pid ?? 0, port, stop: () => stopProcess(child) }
}

async function waitForAnswer(child: ChildProcess, port: number): Promise<void> {
  const deadline = performance.now() + PATIENCE
  for (;;) {
    try {
      const { status } = await askOnce(port, HEALTH)
      if (status === 200) return
    } catch (error) {
      if (child.exitCode !== null || performance.now() > deadline) throw error
    }
    await sleep(20)
  }
}

async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const killing = setTimeout(() => child.kill('SIGKILL'), PATIENCE)
  await ended
  clearTimeout(killing)
}
