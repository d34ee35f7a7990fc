import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { meetNeed, NEEDS } from '../server/test/kit/needs.ts'
import { ENGINE, FAST, SHARED_SERVER } from '../server/test/kit/postgres.ts'
import { startPostgres } from '../server/test/kit/postgres-server.ts'
import { listFiles } from './files.ts'

/** A test that hangs is a test that fails, in milliseconds; the long versions of faults take minutes. */
const LONGEST = 1_200_000

/** Where compiled code is kept. */
const COMPILED = resolve('node_modules/.cache/tests')

/** How many test files run at once. */
const AT_ONCE = availableParallelism()

/** Tests of how long something waits: nothing runs beside them. */
const ALONE = [
  'server/src/core/authenticate.test.ts',
  'server/src/crypto/passwords.test.ts',
  'server/src/crypto/queue.test.ts',
]

const PLACES = ['server/src', 'server/test', 'scripts', 'packages']

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
  if (!meetNeeds(files)) return 1
  const server = await startPostgres({ settings: FAST })
  say(`PostgreSQL ${server.version} from ${server.programs} runs for them in ${server.directory}`)
  const long = args.includes('--long') ? { LATCHKEY_FAULTS: 'long' } : {}
  // What a file loads, the next has compiled: each runs in a process of its own.
  const env = { ...process.env, ...long, NODE_COMPILE_CACHE: COMPILED, [SHARED_SERVER]: server.url('postgres') }
  const both = files.filter((file) => /\b(startTestApp|createSharedDatabase)\(/.test(readFileSync(file, 'utf8')))
  const codes = await runAll('on SQLite where they do not say otherwise', files, env)
  codes.push(...(await runAll('once more, on PostgreSQL', both, { ...env, [ENGINE]: 'postgres' })))
  await server.stop('fast')
  return Math.max(...codes)
}

/** Sees that what these files need is there before they run side by side. @returns whether it is. */
function meetNeeds(files: readonly string[]): boolean {
  const texts = files.map((file) => readFileSync(file, 'utf8'))
  try {
    for (const need of Object.values(NEEDS)) {
      if (texts.some((text) => text.includes(need.usedBy))) meetNeed(need)
    }
    return true
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
    return false
  }
}

/** Runs those that need the machine to themselves, and then the others side by side. */
async function runAll(how: string, files: readonly string[], env: NodeJS.ProcessEnv): Promise<number[]> {
  const alone = files.filter((file) => ALONE.includes(file))
  const together = files.filter((file) => !ALONE.includes(file))
  return [
    await run(`${alone.length} test files one after the other, ${how}`, alone, { env, atOnce: 1 }),
    await run(`${together.length} test files, ${how}`, together, { env, atOnce: AT_ONCE }),
  ]
}

async function run(
  title: string,
  files: readonly string[],
  { env, atOnce }: { env: NodeJS.ProcessEnv; atOnce: number },
): Promise<number> {
  if (files.length === 0) return 0
  say(title)
  const child = spawn(
    process.execPath,
    ['--test', `--test-concurrency=${atOnce}`, `--test-timeout=${LONGEST}`, ...files],
    { env, stdio: 'inherit' },
  )
  const [code] = await once(child, 'exit')
  return typeof code === 'number' ? code : 1
}

function say(text: string): void {
  process.stdout.write(`\n# ${text}\n\n`)
}

process.exitCode = await runTests(process.argv.slice(2))
