import { mkdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describeMachine } from '../tools/describe-machine.ts'
import type { Filling } from './fill.ts'
import type { LatencyRow } from './latency-row.ts'
import type { CommitRow } from './measure-commits.ts'
import type { HttpRow } from './measure-http.ts'
import type { MemoryRow } from './measure-memory.ts'
import type { SizeName } from './plan.ts'
import type { TrialRow } from './trial-row.ts'
import { writeColumns } from './write-columns.ts'

/** All that a run has measured. */
export type Results = {
  readonly fillings: (Filling & { readonly engine: string })[]
  readonly latencies: LatencyRow[]
  readonly commits: CommitRow[]
  readonly trials: TrialRow[]
  readonly http: HttpRow[]
  readonly memory: MemoryRow[]
  /** How busy others kept the processors before each part, from 0 to 1: figures of a busy machine are worth little. */
  readonly others: number[]
}

const FOLDER = join(import.meta.dirname, '..', 'results')
const SIZE_NAMES: readonly SizeName[] = ['1k', '100k', '1m']

/** The results as tables that are readable in a terminal and in Markdown alike. */
export function writeTables({ fillings, latencies, commits, trials, http, memory, others }: Results): string {
  const sections: [string, readonly (readonly string[])[]][] = [
    [
      'Filled: rows a second while loading, and bytes on disk, indexes included',
      fillings.map((one) => [
        one.engine,
        one.accounts.toLocaleString('en'),
        `${one.seconds.toFixed(1)} s`,
        one.rowsPerSecond.toFixed(0),
        `${(one.weight.all / 1e6).toFixed(0)} MB`,
        one.perAccount.toFixed(0),
        one.perSession.toFixed(0),
        one.perCounter.toFixed(0),
      ]),
    ],
    [
      'Time by the number of accounts: p50 / p99 / longest, in microseconds',
      latencies.map((row) => [
        row.engine,
        row.operation,
        ...SIZE_NAMES.map((size) => writeLatency(row.bySize[size])),
        row.medianRatio.toFixed(2),
        row.ratio.toFixed(2),
        row.verdict,
      ]),
    ],
    [
      "The store's part alone, a second, by concurrent callers",
      commits.map((row) => [
        row.engine,
        row.operation,
        row.connections === null ? '' : String(row.connections),
        String(row.callers),
        ...writeThroughput(row),
      ]),
    ],
    [
      'What Latchkey does not do: shared commits, fewer commits, other checkpoints',
      trials.map((row) => [row.engine, row.setting, row.trial, String(row.callers), ...writeThroughput(row)]),
    ],
    [
      'Over HTTP, the load generator on the same cores',
      http.map((row) => [
        row.engine,
        row.request,
        String(row.workers),
        ...writeThroughput(row),
        row.serverTime?.toFixed(0) ?? '',
        row.databaseTime?.toFixed(0) ?? '',
      ]),
    ],
    [
      "Memory of the server's processes together, in MB",
      memory.map((row) => [
        row.engine,
        row.accounts,
        String(row.workers),
        row.afterStart.toFixed(0),
        row.afterWork.toFixed(0),
        row.largest.toFixed(0),
      ]),
    ],
  ]
  const titles = [
    ['engine', 'accounts', 'took', 'rows/s', 'whole', 'B an account', 'B a session', 'B a counter'],
    ['engine', 'what', ...SIZE_NAMES, 'p50, last by first', 'p99, last by first', '≤ 1.3'],
    ['engine', 'what', 'connections', 'callers', 'per second', 'p50 ms', 'p99 ms'],
    ['engine', 'setting', 'what', 'connections at work', 'per second', 'p50 ms', 'p99 ms'],
    ['engine', 'request', 'workers', 'per second', 'p50 ms', 'p99 ms', 'server µs each', 'database µs each'],
    ['engine', 'accounts', 'workers', 'after the start', 'after work', 'largest process'],
  ]
  const tables = sections.flatMap(([title, rows], index) =>
    rows.length === 0 ? [] : [`## ${title}`, '', writeColumns(titles[index] ?? [], rows), ''],
  )
  const busy = others.map((share) => `${(share * 100).toFixed(0)} %`).join(', ')
  return [...tables, `Before each part others kept the processors busy: ${busy}.`, ''].join('\n')
}

/**
 * Keeps a run: all figures as `results/scale-<date>.json`, and the tables as `results/scale-latest.md`.
 *
 * @returns where the figures are.
 */
export function keepResults(
  results: Results,
  { startedAt, engines }: { startedAt: Date; engines: Readonly<Record<string, string>> },
): string {
  mkdirSync(FOLDER, { recursive: true })
  const machine = { ...describeMachine(), ...engines }
  const file = join(FOLDER, `scale-${startedAt.toISOString().slice(0, 19).replaceAll(':', '')}.json`)
  writeFileSync(file, `${JSON.stringify({ startedAt, machine, ...results }, null, 2)}\n`)
  const date = startedAt.toISOString().slice(0, 10)
  const facts = Object.entries(machine).map(([name, fact]) => `- ${name}: ${fact}`)
  const text = [
    '# The latest measure of scale',
    '',
    `Made by \`npm run bench:scale\` on ${date}; how to read it: ../README.md.`,
    '',
  ]
  writeFileSync(join(FOLDER, 'scale-latest.md'), [...text, writeTables(results), ...facts, ''].join('\n'))
  return relative(process.cwd(), file)
}

function writeLatency(latency: LatencyRow['bySize'][SizeName]): string {
  if (latency === undefined) return ''
  return [latency.p50, latency.p99, latency.longest].map((microseconds) => microseconds.toFixed(0)).join(' / ')
}

function writeThroughput({ perSecond, p50, p99 }: { perSecond: number; p50: number; p99: number }): readonly string[] {
  return [perSecond.toFixed(0), p50.toFixed(2), p99.toFixed(2)]
}
