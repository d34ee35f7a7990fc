import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { promisify } from 'node:util'
import { meetNeed, NEEDS } from './needs.ts'
import { dieTogether } from './server-process.ts'

/** Where Python runs, and with what in its environment. */
export type PythonOptions = { readonly env?: Readonly<Record<string, string>>; readonly cwd?: string }

/** A Python that goes on running. It dies with the tests at the latest. */
export type PythonProcess = {
  /** The first line that it printed. */
  readonly line: string
  /** What it has written to stderr so far. */
  errors(): string
  /** Ends it at once, and waits until it has. */
  stop(): Promise<void>
}

/** Where the Python is that has Django REST Framework and its JWT package; as root on Debian it is installed. */
export function findDjango(): string {
  return meetNeed(NEEDS.python)
}

/**
 * Runs a program to its end.
 *
 * @returns what it printed.
 * @throws {Error} with what it wrote to stderr, when it fails.
 */
export async function runPython(code: string, options: PythonOptions = {}): Promise<string> {
  const { stdout } = await promisify(execFile)(findDjango(), ['-c', code], {
    ...surroundings(options),
    timeout: 60_000,
  })
  return stdout
}

/** Starts a program that goes on, and waits for the first line that it prints. */
export async function startPython(code: string, options: PythonOptions = {}): Promise<PythonProcess> {
  const child = spawn(findDjango(), ['-u', '-c', code], { ...surroundings(options), stdio: ['ignore', 'pipe', 'pipe'] })
  dieTogether(child)
  const written = { stdout: '', stderr: '' }
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  child.stdout.on('data', (chunk) => {
    written.stdout += String(chunk)
    const end = written.stdout.indexOf('\n')
    if (end !== -1) resolve(written.stdout.slice(0, end))
  })
  child.stderr.on('data', (chunk) => (written.stderr += String(chunk)))
  child.once('close', () => reject(new Error(`Python ended: ${written.stderr}`)))
  const line = await promise
  // A test that fails must not wait for it.
  for (const handle of [child, child.stdout as Socket, child.stderr as Socket]) handle.unref()
  return {
    line,
    errors: () => written.stderr,
    async stop() {
      child.ref()
      const ended = once(child, 'exit')
      if (child.kill('SIGKILL')) await ended
    },
  }
}

/** Nothing of the tests' own environment, such as a proxy, changes what it does; nothing is left beside the sources. */
function surroundings({ env = {}, cwd }: PythonOptions): { env: Record<string, string>; cwd?: string } {
  const own = { PATH: process.env.PATH ?? '', PYTHONDONTWRITEBYTECODE: '1', PYTHONUTF8: '1', ...env }
  return { env: own, ...(cwd === undefined ? {} : { cwd }) }
}
