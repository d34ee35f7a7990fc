import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { ENGINE, FAST, SHARED_SERVER } from '../server/test/kit/postgres.ts'
import {
  findPostgres,
  HOW_TO_GET_POSTGRES,
  type PostgresServer,
  startPostgres,
} from '../server/test/kit/postgres-server.ts'
import { listFiles } from './files.ts'

/** A test that hangs is a test that fails, in milliseconds; the long versions of faults take minutes. */
const LONGEST = 1_200_000

const PLACES = ['server/src', 'server/test', 'scripts']

/**
 * Runs the tests: all of them with SQLite, and those that a database can make a difference to once more with PostgreSQL,
 * for which it starts a server. Names of files, or parts of names, run these only; `--long` runs the long versions of
 * those that have one.
 *
 * @returns the exit code.
 */
async function runTests(args: readonly string[]): Promise<number> {
  const names = args.filter((arg) => arg !== '--long')
  const all = PLACES.flatMap((place) => listFiles(place).map((file) => `${place}/${file}`))
  const files = all.filter(
    (file) => file.endsWith('.test.ts') && (names.length === 0 || names.some((name) => file.includes(name))),
  )
  if (files.length === 0) {
    process.stderr.write(`No test file has ${names.join(' or ')} in its name.\n`)
    return 1
  }
  const server = await findServer()
  if (server === null) return 1
  say(`PostgreSQL ${server.version} from ${server.programs} runs for them in ${server.directory}`)
  const long = args.includes('--long') ? { LATCHKEY_FAULTS: 'long' } : {}
  const env = { ...process.env, ...long, [SHARED_SERVER]: server.url('postgres') }
  const both = files.filter((file) => /\b(startTestApp|createSharedDatabase)\(/.test(readFileSync(file, 'utf8')))
  const codes = [await run(`${files.length} test files, on SQLite where they do not say otherwise`, files, env)]
  if (both.length > 0) {
    codes.push(await run(`${both.length} of them once more, on PostgreSQL`, both, { ...env, [ENGINE]: 'postgres' }))
  }
  await server.stop('fast')
  return Math.max(...codes)
}

async function findServer(): Promise<PostgresServer | null> {
  if (findPostgres() === null) install()
  if (findPostgres() !== null) return startPostgres({ settings: FAST })
  process.stderr.write(`${HOW_TO_GET_POSTGRES}\n`)
  return null
}

/** Where this can be done without asking anybody for a password, it is. */
function install(): void {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return
  say('PostgreSQL was not found, so it is installed: apt-get install postgresql')
  try {
    execFileSync('apt-get', ['install', '--yes', '--no-install-recommends', 'postgresql'], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
  } catch {
    say('That failed. If the lists of packages are old: apt-get update')
  }
}

async function run(title: string, files: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  say(title)
  const child = spawn(
    process.execPath,
    ['--test', `--test-concurrency=${availableParallelism()}`, `--test-timeout=${LONGEST}`, ...files],
    { env, stdio: 'inherit' },
  )
  const [code] = await once(child, 'exit')
  return typeof code === 'number' ? code : 1
}

function say(text: string): void {
  process.stdout.write(`\n# ${text}\n\n`)
}

process.exitCode = await runTests(process.argv.slice(2))
