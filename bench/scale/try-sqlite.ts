import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { showProgress } from '../tools/show-progress.ts'
import { median, quantile } from '../tools/statistics.ts'
import { checkpointBeside } from './checkpoint-beside.ts'
import type { Database } from './database.ts'
import { groupCommits, type Statement, writeLogin } from './login-statements.ts'
import { SIZES } from './plan.ts'
import type { TrialRow } from './trial-row.ts'

const ROUNDS = 5
/** How long a trial works in each round, in milliseconds; and where checkpoints are looked at, so that some happen. */
const ROUND = 600
const LONG_ROUND = 2000
/** How many logins, or parts of one, share a commit. */
const GROUPS = [1, 4, 20, 64] as const
/** How the write-ahead log gets into the database: SQLite's default (pages), ten times that, or by another thread. */
const CHECKPOINTS = [1_000, 10_000, 'beside'] as const

/** One way to do it: `work` does some logins, or parts of them, in one go. */
type Trial = {
  readonly name: string
  readonly logins: number
  readonly milliseconds: number
  readonly checkpoints: (typeof CHECKPOINTS)[number]
  work(writer: Writer): void
}

/** Each list of statements is undone by itself if it fails, and all are kept by one commit. */
type Writer = { commit(groups: readonly (readonly Statement[])[]): void }

type Round = { readonly perSecond: number; readonly times: readonly number[] }

/**
 * What SQLite gives when transactions share a commit, when a login has fewer of them, and when the log is copied
 * otherwise. Straight at the database, without Kysely and without waiting, so that the commit is what is seen. All
 * trials take turns.
 */
export async function trySqlite(database: Database): Promise<readonly TrialRow[]> {
  database.warm()
  const file = database.url.slice('sqlite:'.length)
  const trials = listTrials(SIZES[database.size])
  const rounds = trials.map((): Round[] => [])
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, trial] of trials.entries()) rounds[index]?.push(await runRound(file, trial))
    showProgress(`sqlite: what commits cost: round ${round + 1} of ${ROUNDS}`)
  }
  return trials.map(({ name, checkpoints }, index) => {
    const own = rounds[index] ?? []
    const times = own.flatMap((round) => round.times)
    return {
      engine: 'sqlite',
      setting: checkpoints === 'beside' ? 'checkpoints in a thread beside' : `wal_autocheckpoint ${checkpoints}`,
      trial: name,
      callers: 1,
      perSecond: median(own.map(({ perSecond }) => perSecond)),
      p50: quantile(times, 0.5),
      p99: quantile(times, 0.99),
    }
  })
}

function listTrials(accounts: number): readonly Trial[] {
  const logins = (count: number) => Array.from({ length: count }, () => writeLogin(accounts))
  const openSessions = (size: number) => (writer: Writer) => writer.commit(logins(size).map(({ open }) => open))
  const logIn = (commits: 1 | 2 | 3, size: number) => (writer: Writer) => {
    const parts = logins(size).map((login) => groupCommits(commits, login))
    for (let step = 0; step < commits; step++) writer.commit(parts.map((part) => part[step] ?? []))
  }
  const usual = { milliseconds: ROUND, checkpoints: CHECKPOINTS[0] }
  const sharing = GROUPS.map((size) => ({
    ...usual,
    name: `sessions opened, ${size} a commit`,
    logins: size,
    work: openSessions(size),
  }))
  const folding = ([3, 2, 1] as const).flatMap((commits) =>
    [1, 20].map((size) => ({
      ...usual,
      name: `logins of ${commits} commits, ${size} sharing each`,
      logins: size,
      work: logIn(commits, size),
    })),
  )
  const copying = CHECKPOINTS.map((checkpoints) => ({
    milliseconds: LONG_ROUND,
    checkpoints,
    name: 'logins of 3 commits',
    logins: 1,
    work: logIn(3, 1),
  }))
  return [...sharing, ...folding, ...copying]
}

async function runRound(file: string, { logins, milliseconds, checkpoints, work }: Trial): Promise<Round> {
  const connection = new DatabaseSync(file)
  connection.exec('pragma synchronous=FULL; pragma foreign_keys=ON; pragma wal_checkpoint(truncate)')
  connection.exec(`pragma wal_autocheckpoint=${checkpoints === 'beside' ? 0 : checkpoints}`)
  const stop = checkpoints === 'beside' ? checkpointBeside(file) : async () => {}
  const writer = createWriter(connection)
  work(writer)
  const times: number[] = []
  const started = performance.now()
  for (let since = started; since - started < milliseconds; since = performance.now()) {
    work(writer)
    times.push(performance.now() - since)
  }
  const perSecond = (times.length * logins * 1000) / (performance.now() - started)
  await stop()
  connection.close()
  return { perSecond, times }
}

function createWriter(connection: DatabaseSync): Writer {
  const prepared = new Map<string, StatementSync>()
  return {
    commit(groups) {
      connection.exec('begin immediate')
      for (const group of groups) {
        connection.exec('savepoint one')
        for (const { name, sql, values } of group) {
          const statement = prepared.get(name) ?? connection.prepare(sql.replaceAll('$', '?'))
          prepared.set(name, statement)
          statement.all(...values)
        }
        connection.exec('release one')
      }
      connection.exec('commit')
    },
  }
}
