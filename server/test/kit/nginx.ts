import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { meetNeed, NEEDS } from './needs.ts'
import { canConnect, findFreePort } from './ports.ts'
import { dieTogether, makeDirectory } from './server-process.ts'

/** How long nginx may take to listen, in milliseconds. */
const PATIENCE = 60_000
/** How often a port is asked for: between the asking and the listening somebody else can take it. */
const TRIES = 5

/** A running nginx. */
export type Nginx = {
  readonly port: number
  /** What it wrote to its error log. */
  readLog(): string
  stop(): Promise<void>
}

/**
 * Starts nginx on a free port of loopback, in a directory of its own.
 *
 * @param write the configuration for that port. Its `http` block gets lines that keep what nginx writes in the directory.
 * @throws {Error} that says how to get nginx, or what nginx says of the configuration.
 */
export async function startNginx(write: (port: number) => string): Promise<Nginx> {
  const program = meetNeed(NEEDS.nginx)
  for (let tries = 1; ; tries++) {
    const port = await findFreePort()
    const nginx = await tryPort(program, port, write(port))
    if (typeof nginx !== 'string') return nginx
    if (tries === TRIES || !nginx.includes('Address already in use')) throw new Error(`nginx ended: ${nginx}`)
  }
}

/** nginx, or what it wrote before it ended. */
async function tryPort(program: string, port: number, config: string): Promise<Nginx | string> {
  const directory = makeDirectory()
  const path = join(directory, 'nginx.conf')
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((of) => `${of}_temp_path ${directory}/${of};`)
  writeFileSync(path, config.replace('http {', `http {\n${places.join(' ')} access_log off;`))
  const log = join(directory, 'error.log')
  const output = openSync(log, 'a')
  // As root, its workers would be somebody else, who may not enter the directory.
  const user = process.getuid?.() === 0 ? ' user root;' : ''
  const globals = `daemon off; pid ${directory}/nginx.pid; error_log stderr;${user}`
  const child = spawn(program, ['-p', directory, '-c', path, '-g', globals], { stdio: ['ignore', output, output] })
  closeSync(output)
  dieTogether(child)
  const ended = once(child, 'exit')
  const deadline = Date.now() + PATIENCE
  while (!(await canConnect(port))) {
    if (child.exitCode !== null) return readFileSync(log, 'utf8')
    if (Date.now() > deadline) throw new Error(`nginx does not listen: ${readFileSync(log, 'utf8')}`)
    await sleep(20)
  }
  return {
    port,
    readLog: () => readFileSync(log, 'utf8'),
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}
