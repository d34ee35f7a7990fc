import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'

/** A PostgreSQL server of the tests' own: in a directory that goes away, reached by a socket in it. */
export type PostgresServer = {
  readonly version: string
  /** Where its programs are. */
  readonly programs: string
  /** Where its data and its socket are; a server that is given up may be started again on it. */
  readonly directory: string
  readonly port: number
  /** The process id of the postmaster. */
  readonly processId: number
  /** An address of one of its databases, by its socket. */
  url(database: string): string
  /** Runs SQL as the superuser; several statements are allowed. The rows are those of the last one. */
  query(text: string, database?: string): Promise<Record<string, unknown>[]>
  /** `fast` ends transactions, `immediate` is what a crash looks like. */
  stop(mode: 'fast' | 'immediate'): Promise<void>
  /** Stops all its processes where they are, as a machine does that hangs. @returns what lets them go on. */
  freeze(): Promise<() => void>
  /** Starts it again after `stop`. */
  restart(): Promise<void>
  /** Ends it at once, and removes its directory. */
  destroy(): void
}

/** What a server may be started with. */
export type PostgresOptions = {
  /** Settings of `postgresql.conf`. */
  readonly settings?: Readonly<Record<string, string>>
  /** Lines put before those of `pg_hba.conf`. */
  readonly access?: readonly string[]
  /** Files put into the data directory, for the server alone to read. */
  readonly files?: Readonly<Record<string, string>>
  /** Makes the data directory in place of `initdb`: a standby is copied from its primary. */
  readonly fill?: (data: string, run: (program: string, args: readonly string[]) => void) => void
  /** Needed where several share a socket directory or listen on TCP. */
  readonly port?: number
}

/** How `initdb` makes a data directory: everybody may connect as anybody. */
export const INITDB = ['-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync']

/** What a person needs to read where there is no PostgreSQL. */
export const HOW_TO_GET_POSTGRES = [
  'The tests need a PostgreSQL server, and found none: no `postgres` on the PATH, in /usr/lib/postgresql/*/bin or where Homebrew puts it.',
  '  Debian, Ubuntu:  sudo apt-get install postgresql',
  '  Fedora:          sudo dnf install postgresql-server',
  '  macOS:           brew install postgresql@17',
  'Only its programs are needed: the tests start a server of their own in a temporary directory, on a socket.',
].join('\n')

/** The directory of PostgreSQL's programs (the newest, where there are several), or `null`. */
export function findPostgres(): string | null {
  const onPath = (process.env.PATH ?? '').split(delimiter)
  const installed = ['/usr/lib/postgresql', '/usr/local/opt', '/opt/homebrew/opt'].flatMap((parent) =>
    existsSync(parent)
      ? readdirSync(parent)
          .filter((name) => /^(\d+|postgresql@\d+)$/.test(name))
          .sort((left, right) => Number(/\d+/.exec(right)?.[0]) - Number(/\d+/.exec(left)?.[0]))
          .map((name) => join(parent, name, 'bin'))
      : [],
  )
  return (
    [...onPath, ...installed].find((path) =>
      ['postgres', 'initdb', 'pg_basebackup'].every((name) => existsSync(join(path, name))),
    ) ?? null
  )
}

/**
 * Makes a data directory and starts a server on it, as an unprivileged user where the tests run as root: PostgreSQL
 * refuses that. It ends with this process at the latest.
 *
 * @throws {Error} with advice, where PostgreSQL is not installed.
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const programs = findPostgres()
  if (programs === null) throw new Error(HOW_TO_GET_POSTGRES)
  const user = findUser()
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-pg-'))
  if (user !== null) chownSync(directory, user.uid, user.gid)
  const data = join(directory, 'data')
  const port = options.port ?? 5432
  let child: ReturnType<typeof spawn> | null = null

  const run = (program: string, args: readonly string[]): void => {
    execFileSync(join(programs, program), args, { ...user, cwd: directory, stdio: ['ignore', 'ignore', 'pipe'] })
  }
  const fill = options.fill ?? ((data) => run('initdb', ['-D', data, ...INITDB]))
  const settings = {
    unix_socket_directories: directory,
    listen_addresses: '',
    max_connections: '300',
    ...options.settings,
  }

  const withClient = async <T>(database: string, ask: (client: Client) => Promise<T>): Promise<T> => {
    const client = new Client({ host: directory, port, user: 'postgres', database })
    // Whoever asks is told by the question that failed; without a listener, the process would end.
    client.on('error', () => {})
    await client.connect()
    try {
      return await ask(client)
    } finally {
      await client.end()
    }
  }

  const server: PostgresServer = {
    version: execFileSync(join(programs, 'postgres'), ['--version'], { encoding: 'utf8' })
      .trim()
      .replace(/^.*\) /, ''),
    programs,
    directory,
    port,
    get processId() {
      return child?.pid ?? 0
    },
    url: (database: string) => `postgres://postgres@/${database}?host=${encodeURIComponent(directory)}&port=${port}`,
    async query(text: string, database = 'postgres') {
      return withClient(database, async (client) => {
        const result = await client.query(text)
        return Array.isArray(result) ? result[result.length - 1].rows : result.rows
      })
    },
    async stop(mode: 'fast' | 'immediate') {
      if (child === null || child.exitCode !== null) return
      child.ref()
      const ended = once(child, 'exit')
      child.kill(mode === 'fast' ? 'SIGINT' : 'SIGQUIT')
      await ended
    },
    async freeze() {
      const postmaster = child?.pid ?? 0
      const frozen: number[] = []
      await withClient('postgres', async (client) => {
        // First the one that starts the others: what it starts after they are listed would go on.
        if (signal(postmaster, 'SIGSTOP')) frozen.push(postmaster)
        const running = 'select pid from pg_stat_activity where pid <> pg_backend_pid() and pid <> all($1::int[])'
        // One that was just started lists itself when it has let its client in.
        for (let quiet = 0; quiet < 3; quiet++) {
          const { rows } = await client.query(running, [frozen])
          if (rows.length > 0) quiet = 0
          for (const { pid } of rows) if (signal(Number(pid), 'SIGSTOP')) frozen.push(Number(pid))
          await sleep(50)
        }
      })
      return () => {
        for (const processId of frozen.toReversed()) signal(processId, 'SIGCONT')
      }
    },
    async restart() {
      child = spawn(
        join(programs, 'postgres'),
        [
          '-D',
          data,
          '-p',
          String(port),
          ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
        ],
        { ...user, cwd: directory, stdio: ['ignore', 'ignore', 'pipe'] },
      )
      // Nobody waits for the server but who asked for it: a failing test must still come to its end.
      child.unref()
      let said = ''
      child.stderr?.on('data', (chunk) => (said = (said + String(chunk)).slice(-4000)))
      if (child.stderr !== null && 'unref' in child.stderr && typeof child.stderr.unref === 'function')
        child.stderr.unref()
      await untilItAnswers(
        server,
        () => child?.exitCode !== null,
        () => said,
      )
    },
    destroy() {
      running.delete(server)
      child?.kill('SIGQUIT')
      // One that is frozen would not hear of it.
      child?.kill('SIGCONT')
      untilItIsGone(join(data, 'postmaster.pid'))
      rmSync(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
    },
  }
  destroyAtExit(server)
  fill(data, run)
  if (options.access !== undefined) prependAccess(data, options.access)
  for (const [name, text] of Object.entries(options.files ?? {})) addFile(data, name, text)
  await server.restart()
  return server
}

const running = new Set<Pick<PostgresServer, 'destroy'>>()

/** One listener for all of them: Node warns of more than ten. */
function destroyAtExit(server: Pick<PostgresServer, 'destroy'>): void {
  if (!process.listeners('exit').includes(destroyAll)) {
    process.on('exit', destroyAll)
    // Node tells of no exit when a signal ends it.
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => process.exit(1))
  }
  running.add(server)
}

function destroyAll(): void {
  for (const server of running) server.destroy()
}

/** Waits until a server that was told to end has put away the file that says it runs: what it writes after is nothing. */
function untilItIsGone(path: string): void {
  const since = performance.now()
  while (existsSync(path) && performance.now() - since < 2000) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
  }
}

async function untilItAnswers(
  server: Pick<PostgresServer, 'query'>,
  hasEnded: () => boolean,
  said: () => string,
): Promise<void> {
  const since = performance.now()
  for (;;) {
    try {
      await server.query('select 1')
      return
    } catch (error) {
      if (hasEnded() || performance.now() - since > 60_000)
        throw new Error(`PostgreSQL did not start: ${said()}`, { cause: error })
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}

function findUser(): { uid: number; gid: number } | null {
  if (process.getuid?.() !== 0) return null
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
  const found = users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === 'nobody')
  if (found === undefined)
    throw new Error('PostgreSQL refuses to run as root, and there is no user postgres or nobody.')
  return { uid: Number(found[2]), gid: Number(found[3]) }
}

/** @returns whether there is such a process. */
function signal(processId: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(processId, name)
  } catch {
    return false
  }
}

function prependAccess(data: string, lines: readonly string[]): void {
  const path = join(data, 'pg_hba.conf')
  const before = readFileSync(path, 'utf8')
  writeFileSync(path, `${lines.join('\n')}\n${before}`)
}

function addFile(data: string, name: string, text: string): void {
  const path = join(data, name)
  writeFileSync(path, text)
  const { uid, gid } = statSync(data)
  chownSync(path, uid, gid)
  chmodSync(path, 0o600)
}
