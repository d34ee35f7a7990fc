import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { askOnce } from '../tools/ask-once.ts'
import { findFreePort } from '../tools/find-free-port.ts'
import { writeRequest } from '../tools/write-request.ts'

/** A server process as `npm start` starts it, with its default settings, on a free port and in a folder of its own. */
export type LatchkeyProcess = {
  readonly pid: number
  readonly port: number
  /** Milliseconds from the start of the process to its first answer. */
  readonly startedIn: number
  stop(): Promise<void>
}

const ROOT = dirname(dirname(import.meta.dirname))
/** On the disk that the project is on, not in a temporary folder that may be memory: commits shall cost what they cost. */
const SCRATCH = join(dirname(import.meta.dirname), 'data')
/** How long a start may take, in milliseconds. */
const PATIENCE = 20_000

const HEALTH = writeRequest({ method: 'GET', path: '/healthz' })

/** Makes an empty folder for a server to live in. */
export function makeFolder(): string {
  mkdirSync(SCRATCH, { recursive: true })
  return mkdtempSync(join(SCRATCH, 'run-'))
}

/** Removes every folder that `makeFolder` made. */
export function removeFolders(): void {
  rmSync(SCRATCH, { recursive: true, force: true })
}

/**
 * Starts Latchkey and waits for its first answer.
 *
 * @throws {Error} with what it printed, when it does not come up.
 */
export async function startLatchkey(folder: string): Promise<LatchkeyProcess> {
  const port = await findFreePort()
  const log = join(folder, 'server.log')
  const output = openSync(log, 'a')
  const args = [...process.execArgv, join(ROOT, 'server/bin/latchkey.js'), 'serve']
  const started = performance.now()
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { PATH: process.env.PATH, PORT: String(port), ...profiling() },
    stdio: ['ignore', output, output],
  })
  try {
    await waitForAnswer(child, port)
  } catch (error) {
    child.kill('SIGKILL')
    throw new Error(`Latchkey did not start; it said:\n${readFileSync(log, 'utf8').slice(-2000)}`, { cause: error })
  }
  const startedIn = performance.now() - started
  return { pid: child.pid ?? 0, port, startedIn, stop: () => stopProcess(child) }
}

/** Node's options for the server alone, such as `--cpu-prof`, for whoever looks where the time goes. */
function profiling(): Record<string, string> {
  const options = process.env.BENCH_SERVER_NODE_OPTIONS
  return options === undefined ? {} : { NODE_OPTIONS: options }
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
    await sleep(2)
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
