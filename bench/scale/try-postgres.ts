import { Client } from 'pg'
import type { PostgresServer } from '../../server/test/kit/postgres-server.ts'
import { showProgress } from '../tools/show-progress.ts'
import { median } from '../tools/statistics.ts'
import type { Database } from './database.ts'
import { CALLERS, keepBusy, type Throughput } from './keep-busy.ts'
import { groupCommits, type Statement, writeLogin } from './login-statements.ts'
import { SIZES } from './plan.ts'
import type { TrialRow } from './trial-row.ts'

const ROUNDS = 3
/** Milliseconds. */
const ROUND = 700
/** Microseconds that a commit waits for others to share its write (`commit_delay`); PostgreSQL's default is 0. */
const DELAYS = [0, 200, 1000] as const

type Trial = {
  readonly name: string
  readonly delay: number
  readonly callers: number
  act(client: Client): Promise<void>
}

/**
 * What PostgreSQL gives when commits wait for each other, and when a login has fewer of them. Straight at the database,
 * a connection for each caller. All trials take turns.
 */
export async function tryPostgres(server: PostgresServer, database: Database): Promise<readonly TrialRow[]> {
  database.warm()
  const accounts = SIZES[database.size]
  const address = { host: server.directory, port: server.port, user: 'postgres', database: `scale_${database.size}` }
  const clients = Array.from({ length: Math.max(...CALLERS) }, () => new Client(address))
  await Promise.all(clients.map((client) => client.connect()))
  try {
    return await takeTurns(listTrials(accounts), clients)
  } finally {
    await Promise.all(clients.map((client) => client.end()))
  }
}

function listTrials(accounts: number): readonly Trial[] {
  const sharing = [16, 64].flatMap((callers) =>
    DELAYS.map((delay) => ({
      name: 'sessions opened',
      delay,
      callers,
      act: (client: Client) => commit(client, writeLogin(accounts).open),
    })),
  )
  const folding = CALLERS.flatMap((callers) =>
    ([3, 2, 1] as const).map((commits) => ({
      name: `logins of ${commits} commits`,
      delay: 0,
      callers,
      async act(client: Client) {
        for (const statements of groupCommits(commits, writeLogin(accounts))) await commit(client, statements)
      },
    })),
  )
  return [...sharing, ...folding]
}

async function takeTurns(trials: readonly Trial[], clients: readonly Client[]): Promise<readonly TrialRow[]> {
  const rounds = trials.map((): Throughput[] => [])
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, { delay, callers, act }] of trials.entries()) {
      await Promise.all(clients.map((client) => client.query(`set commit_delay = ${delay}`)))
      const measured = await keepBusy({ callers, milliseconds: ROUND }, async (caller) => {
        const client = clients[caller]
        if (client !== undefined) await act(client)
      })
      rounds[index]?.push(measured)
    }
    showProgress(`postgres: what commits cost: round ${round + 1} of ${ROUNDS}`)
  }
  return trials.map(({ name, delay, callers }, index) => {
    const own = rounds[index] ?? []
    const middle = (read: (round: (typeof own)[number]) => number) => median(own.map(read))
    return {
      engine: 'postgres',
      setting: `commit_delay ${delay}`,
      trial: name,
      callers,
      perSecond: middle(({ perSecond }) => perSecond),
      p50: middle(({ p50 }) => p50),
      p99: middle(({ p99 }) => p99),
    }
  })
}

async function commit(client: Client, statements: readonly Statement[]): Promise<void> {
  await client.query('begin')
  for (const { name, sql, values } of statements) await client.query({ name, text: sql, values: [...values] })
  await client.query('commit')
}
