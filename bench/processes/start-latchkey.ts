import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { askOnce } from '../tools/ask-once.ts'
import { findFreePort } from '../tools/find-free-port.ts'
import { writeRequest } from '../tools/write-request.ts'

/** A server process as `npm start` starts it, on a free port and in a folder of its own. */
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
 * Starts Latchkey, with its default settings unless told, and waits for its first answer.
 *
 * @param options.args what follows `serve`; `options.env` settings.
 * @throws {Error} with what it printed, when it does not come up.
 */
export async function startLatchkey(
  folder: string,
  { args = [], env = {} }: { args?: readonly string[]; env?: Readonly<Record<string, string>> } = {},
): Promise<LatchkeyProcess> {
  const port = await findFreePort()
  const log = join(folder, 'server.log')
  const output = openSync(log, 'a')
  const command = [...process.execArgv, join(ROOT, 'server/bin/latchkey.js'), 'serve', ...args]
  const started = performance.now()
  const child = spawn(process.execPath, command, {
    cwd: folder,
    env: { PATH: process.env.PATH, PORT: String(port), ...profiling(), ...env },
    stdio: ['ignore', output, output],
  })
  endAtExit(child)
  try {
    await waitForAnswer(child, port)
  } catch (error) {
    child.kill('SIGKILL')
    throw new Error(`Latchkey did not start; it said:\n${readFileSync(log, 'utf8').slice(-2000)}`, { cause: error })
  }
  const startedIn = performance.now() - started
  return { pid: child.pid ?? 0, port, startedIn, stop: () => stopProcess(child) }
}

const running = new Set<ChildProcess>()

/** One listener for all of them: Node warns of more than ten. */
function endAtExit(child: ChildProcess): void {
  if (!process.listeners('exit').includes(endAll)) process.on('exit', endAll)
  running.add(child)
  child.once('exit', () => running.delete(child))
}

function endAll(): void {
  for (const child of running) child.kill('SIGKILL')
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
