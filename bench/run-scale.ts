import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { PostgresServer } from '../server/test/kit/postgres-server.ts'
import type { Database } from './scale/database.ts'
import { fill } from './scale/fill.ts'
import { measureCommits } from './scale/measure-commits.ts'
import { measureHttp } from './scale/measure-http.ts'
import { measureHttpLatency } from './scale/measure-http-latency.ts'
import { measureLatency } from './scale/measure-latency.ts'
import { measureMemory } from './scale/measure-memory.ts'
import { type EngineName, type Plan, readPlan, type SizeName } from './scale/plan.ts'
import { createPostgresDatabase } from './scale/postgres-database.ts'
import { keepResults, type Results, writeTables } from './scale/results.ts'
import { createSqliteDatabase } from './scale/sqlite-database.ts'
import { postgresSettings, startPostgres } from './scale/start-postgres.ts'
import { tryPostgres } from './scale/try-postgres.ts'
import { trySqlite } from './scale/try-sqlite.ts'
import { watchOthers } from './scale/watch-others.ts'
import { describeMachine } from './tools/describe-machine.ts'
import { showProgress } from './tools/show-progress.ts'

/** On the disk that the project is on, not in a temporary folder that may be memory: commits shall cost what they cost. */
const SCRATCH = join(import.meta.dirname, 'data')
/** The size at which commits and answers are counted; where it is not wanted, the largest that is. */
const MIDDLE: SizeName = '100k'

/** What one engine is measured with. */
type Bench = {
  readonly plan: Plan
  readonly results: Results
  readonly folder: string
  readonly server: PostgresServer | null
}

/**
 * Measures what becomes slower as accounts become more, and what commits cost. Only a run of everything is kept.
 *
 * @returns the exit code: a missed reach is a finding, not an error.
 */
async function run(words: readonly string[]): Promise<number> {
  const startedAt = new Date()
  mkdirSync(SCRATCH, { recursive: true })
  const folder = mkdtempSync(join(SCRATCH, 'scale-'))
  // PostgreSQL, which will not be root, has its directory in it.
  chmodSync(folder, 0o711)
  process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 }))
  // Gigabytes would be left, and a PostgreSQL server: what is to be done at the end is done at every end.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
  const results: Results = { fillings: [], latencies: [], commits: [], trials: [], http: [], memory: [], others: [] }
  const engines: Record<string, string> = {}
  try {
    const plan = readPlan(words)
    showProgress(`on ${JSON.stringify(describeMachine())}`)
    for (const engine of plan.engines) engines[engine] = await measureEngine(engine, { plan, results, folder })
    process.stdout.write(`\n${writeTables(results)}\n`)
    if (plan.isWhole) {
      process.stdout.write(`Kept in ${keepResults(results, { startedAt, engines })} and scale-latest.md beside it.\n`)
    }
    return 0
  } catch (error) {
    process.stderr.write(`bench: ${error instanceof Error ? error.stack : error}\n`)
    return 1
  }
}

/** Fills the databases of an engine, measures them, and removes them; says what the engine was and how it was set. */
async function measureEngine(engine: EngineName, bench: Omit<Bench, 'server'>): Promise<string> {
  const server = engine === 'postgres' ? await startPostgres(bench.folder) : null
  try {
    const databases: Database[] = []
    for (const size of bench.plan.sizes) {
      const database =
        server === null ? createSqliteDatabase(bench.folder, size) : await createPostgresDatabase(server, size)
      bench.results.fillings.push({ engine, ...(await fill(database)) })
      databases.push(database)
    }
    await measureParts(databases, { ...bench, server })
    return server === null ? (process.versions.sqlite ?? '') : `${server.version} ${JSON.stringify(postgresSettings())}`
  } finally {
    server?.destroy()
  }
}

async function measureParts(databases: readonly Database[], { plan, results, folder, server }: Bench): Promise<void> {
  const middle = databases.find(({ size }) => size === MIDDLE) ?? databases.at(-1)
  const largest = databases.at(-1)
  if (middle === undefined || largest === undefined) return
  const parts = {
    latency: async () => {
      results.latencies.push(...(await measureLatency(databases)))
      results.latencies.push(...(await measureHttpLatency(databases, { folder })))
    },
    commits: async () => results.commits.push(...(await measureCommits(middle))),
    groups: async () =>
      results.trials.push(...(await (server === null ? trySqlite(middle) : tryPostgres(server, middle)))),
    http: async () =>
      results.http.push(...(await measureHttp(middle, { folder, databasePid: server?.processId ?? null }))),
    memory: async () => results.memory.push(...(await measureMemory(largest, { folder }))),
  }
  for (const part of plan.parts) {
    results.others.push(await watchOthers())
    await parts[part]()
  }
}

process.exitCode = await run(process.argv.slice(2))
