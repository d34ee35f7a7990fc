import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const BIN = fileURLToPath(new URL('../../bin/latchkey.js', import.meta.url))

const directories: string[] = []
const children = new Set<ChildProcess>()

/** A directory that goes away after the tests. */
export function makeDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-test-'))
  // One listener for all of them: Node warns of more than ten.
  if (directories.length === 0) process.once('exit', removeDirectories)
  directories.push(directory)
  return directory
}

function removeDirectories(): void {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true })
}

/** A server in a process of its own. */
export type ServerProcess = {
  readonly url: string
  readonly port: number
  readonly processId: number
  /** What it has written to stdout so far. */
  output(): string
  /** Asks it to end. */
  terminate(): void
  /** Ends it at once, whatever it is at. */
  kill(): void
  readonly ended: Promise<{ code: number | null; signal: string | null; stdout: string; stderr: string }>
}

/** In what a server runs. */
export type Surroundings = {
  /** As whom; only root may choose. The group has the same number. */
  readonly userId?: number
  /** Where; its `.env` counts. */
  readonly directory?: string
}

/** Starts `latchkey serve` on a free port of loopback and waits until it listens. It dies with the tests at the latest. */
export async function startServerProcess(
  env: Readonly<Record<string, string>>,
  args: readonly string[] = [],
  { userId, directory }: Surroundings = {},
): Promise<ServerProcess> {
  const child = spawn(process.execPath, [BIN, 'serve', ...args], {
    env: { HOST: '127.0.0.1', PORT: '0', LOG_LEVEL: 'info', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(userId === undefined ? {} : { uid: userId, gid: userId }),
    ...(directory === undefined ? {} : { cwd: directory }),
  })
  dieTogether(child)
  const written = { stdout: '', stderr: '' }
  const { promise: port, resolve, reject } = Promise.withResolvers<number>()
  child.stdout.on('data', (chunk) => {
    written.stdout += String(chunk)
    const found = /http:\/\/127\.0\.0\.1:(\d+)/.exec(written.stdout)?.[1]
    if (found !== undefined) resolve(Number(found))
  })
  child.stderr.on('data', (chunk) => (written.stderr += String(chunk)))
  const ended = once(child, 'close').then(([code, signal]) => {
    reject(new Error(`The server ended before it listened: ${written.stderr}`))
    return { code, signal, ...written }
  })
  const listening = await port
  // A test that fails before it ends its servers must not wait for them for ever.
  for (const handle of [child, child.stdout as Socket, child.stderr as Socket]) handle.unref()
  return {
    url: `http://127.0.0.1:${listening}`,
    port: listening,
    processId: child.pid ?? 0,
    output: () => written.stdout,
    terminate: () => {
      child.ref()
      child.kill('SIGTERM')
    },
    kill: () => {
      child.ref()
      child.kill('SIGKILL')
    },
    ended,
  }
}

/** One listener for all of them, as above. */
export function dieTogether(child: ChildProcess): void {
  if (children.size === 0) process.once('exit', killChildren)
  children.add(child)
}

function killChildren(): void {
  for (const child of children) child.kill('SIGKILL')
}

/** Sends JSON to a running server and gives the parsed answer. */
export async function ask(
  url: string,
  { method = 'POST', token, json }: { method?: string; token?: string; json?: unknown } = {},
): Promise<{ status: number; headers: Headers; json: unknown }> {
  const headers: Record<string, string> = {}
  if (json !== undefined) headers['content-type'] = 'application/json'
  if (token !== undefined) headers.authorization = `Bearer ${token}`
  const response = await fetch(url, { method, headers, ...(json === undefined ? {} : { body: JSON.stringify(json) }) })
  const text = await response.text()
  return { status: response.status, headers: response.headers, json: text === '' ? null : JSON.parse(text) }
}
