import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { readProcessorTime } from '../processes/read-process.ts'
import { startLoad } from '../processes/start-children.ts'
import { type LatchkeyProcess, makeFolder, startLatchkey } from '../processes/start-latchkey.ts'
import type { Row } from '../row.ts'
import { CORES } from '../tools/describe-machine.ts'
import { showProgress } from '../tools/show-progress.ts'
import { median } from '../tools/statistics.ts'
import { openAccounts, openChecks } from './open-accounts.ts'

const ROUNDS = 9
const ROUND = 1500
const WITHOUT = { NODE_OPTIONS: `--import=${new URL('../processes/without-audit.ts', import.meta.url).href}` }

type Side = {
  readonly server: LatchkeyProcess
  readonly folder: string
  readonly logins: readonly string[]
  readonly checks: readonly string[]
}
type Figures = { readonly perSecond: number; readonly timeEach: number | null }
type Round = {
  readonly perSecond: number
  readonly withoutPerSecond: number
  readonly ratio: number
  /** The processor time of an answer without the audit log by that of one with it, where the system tells. */
  readonly timeRatio?: number
}

/**
 * Logins and token checks per second by those of the same server without an audit log. The two take turns, and who goes
 * first changes from round to round.
 */
export async function measureAudit(): Promise<readonly Row[]> {
  const load = startLoad()
  const opened: { stop(): Promise<void> }[] = [load]
  try {
    const audited = await open({})
    const bare = await open(WITHOUT)
    const logins = await compare('logins', CORES * 4)
    const checks = await compare('checks', 16)
    requireDifference(countEntries(audited), countEntries(bare))
    return [
      ...toRows('logins, document 002, with the audit log', logins),
      ...toRows('GET /v1/session with an opaque key, with the audit log', checks),
    ]

    async function compare(kind: 'logins' | 'checks', connections: number): Promise<readonly Round[]> {
      const ask = async ({ server: { pid, port }, [kind]: requests }: Side): Promise<Figures> => {
        const before = readProcessorTime(pid)
        const task = { port, connections, milliseconds: ROUND, requests, status: 200 }
        const { completed, perSecond } = await load.run({ ...task, isAwake: kind === 'checks' && CORES > 1 })
        const after = readProcessorTime(pid)
        return { perSecond, timeEach: before === null || after === null ? null : (after - before) / completed }
      }
      showProgress(`audit: warming up for ${kind}`)
      for (const side of [audited, bare]) await ask(side)
      const rounds: Round[] = []
      for (let round = 1; round <= ROUNDS; round++) {
        const isFirst = round % 2 === 0
        const early = await ask(isFirst ? audited : bare)
        const late = await ask(isFirst ? bare : audited)
        const ours = isFirst ? early : late
        const theirs = isFirst ? late : early
        rounds.push(toRound(ours, theirs))
        const figures = `${ours.perSecond.toFixed(0)}/s against ${theirs.perSecond.toFixed(0)}/s without`
        showProgress(`audit: ${kind}, round ${round} of ${ROUNDS}: ${figures}`)
      }
      return rounds
    }
  } finally {
    await Promise.all(opened.map((one) => one.stop()))
  }

  async function open(env: Readonly<Record<string, string>>): Promise<Side> {
    const folder = makeFolder()
    const server = await startLatchkey(folder, { env })
    opened.push(server)
    const accounts = await openAccounts(server.port, CORES * 4)
    const { key } = await openChecks(server.port, accounts)
    return { server, folder, logins: accounts.keyLogins, checks: key }
  }
}

function toRound(ours: Figures, theirs: Figures): Round {
  const ratio = ours.perSecond / theirs.perSecond
  const times = ours.timeEach === null || theirs.timeEach === null ? {} : { timeRatio: theirs.timeEach / ours.timeEach }
  return { perSecond: ours.perSecond, withoutPerSecond: theirs.perSecond, ratio, ...times }
}

/** A journal that was not replaced would be compared with itself. */
function requireDifference(audited: number, bare: number): void {
  if (audited > 0 && bare === 0) return
  throw new Error(`With the audit log ${audited} entries were written, and without it ${bare}: the replacement failed.`)
}

function countEntries({ folder }: Side): number {
  const database = new DatabaseSync(join(folder, 'data', 'latchkey.db'), { readOnly: true })
  try {
    return Number(database.prepare('select count(*) as count from audit_log').get()?.count)
  } finally {
    database.close()
  }
}

function toRows(measure: string, rounds: readonly Round[]): readonly Row[] {
  const against = 'Latchkey without it'
  const times = rounds.flatMap(({ timeRatio }) => (timeRatio === undefined ? [] : [timeRatio]))
  const row: Row = {
    measure,
    value: `${median(rounds.map(({ perSecond }) => perSecond)).toFixed(0)}/s`,
    ratio: median(rounds.map(({ ratio }) => ratio)),
    against,
    reach: { atLeast: 0.97 },
    reachInWords: '≥ 0.97',
    rounds,
  }
  if (times.length === 0) return [row]
  return [
    row,
    {
      ...row,
      measure: `${measure}, by processor time`,
      value: '',
      ratio: median(times),
      reach: null,
      reachInWords: '',
      rounds: [],
    },
  ]
}
