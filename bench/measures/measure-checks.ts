import { readProcessorTime } from '../processes/read-process.ts'
import { startBareServer, startLoad } from '../processes/start-children.ts'
import { makeFolder, startLatchkey } from '../processes/start-latchkey.ts'
import type { Row } from '../row.ts'
import { askOnce, type RawAnswer } from '../tools/ask-once.ts'
import { CORES } from '../tools/describe-machine.ts'
import { showProgress } from '../tools/show-progress.ts'
import { median } from '../tools/statistics.ts'
import { openAccounts, openChecks } from './open-accounts.ts'

const ROUNDS = 9
const ROUND = 1200
const WARM_UP = 1500
const CONNECTIONS = 16

type Target = { readonly pid: number; readonly port: number }
type Round = {
  readonly perSecond: number
  readonly barePerSecond: number
  readonly ratio: number
  /** The processor time of a bare answer by that of ours, where the system tells. */
  readonly timeRatio?: number
  /** The processor time that one of our answers takes, in milliseconds. */
  readonly timeEach?: number
}

/**
 * Answers per second to `GET /v1/session` by those of bare `node:http` answering the same bytes. The two take turns,
 * and who goes first changes from round to round.
 */
export async function measureChecks(): Promise<readonly Row[]> {
  const latchkey = await startLatchkey(makeFolder())
  const load = startLoad()
  const opened: { stop(): Promise<void> }[] = [latchkey, load]
  try {
    const checks = await openChecks(latchkey.port, await openAccounts(latchkey.port, 8))
    const rows: Row[] = []
    for (const [name, requests] of [
      ['an opaque key', checks.key],
      ['a JWT', checks.jwt],
    ] as const) {
      const [request = ''] = requests
      const answer = await askOnce(latchkey.port, request)
      const bare = await startBareServer(answer)
      opened.push(bare)
      requireSame(answer, await askOnce(bare.port, request))
      rows.push(...toRows(name, await compare(name, { latchkey, bare, requests, load })))
    }
    return rows
  } finally {
    await Promise.all(opened.map((one) => one.stop()))
  }
}

async function compare(
  name: string,
  {
    latchkey,
    bare,
    requests,
    load,
  }: { latchkey: Target; bare: Target; requests: readonly string[]; load: ReturnType<typeof startLoad> },
): Promise<readonly Round[]> {
  const ask = async ({ pid, port }: Target, milliseconds: number) => {
    const before = readProcessorTime(pid)
    const { completed, perSecond } = await load.run({
      port,
      connections: CONNECTIONS,
      milliseconds,
      requests,
      status: 200,
      isAwake: CORES > 1,
    })
    const after = readProcessorTime(pid)
    return { perSecond, timeEach: before === null || after === null ? null : (after - before) / completed }
  }
  showProgress(`checks with ${name}: warming up`)
  await ask(bare, WARM_UP)
  await ask(latchkey, WARM_UP)
  const rounds: Round[] = []
  for (let round = 1; round <= ROUNDS; round++) {
    const isFirst = round % 2 === 0
    const early = await ask(isFirst ? latchkey : bare, ROUND)
    const late = await ask(isFirst ? bare : latchkey, ROUND)
    const ours = isFirst ? early : late
    const theirs = isFirst ? late : early
    const ratio = ours.perSecond / theirs.perSecond
    const times =
      ours.timeEach === null || theirs.timeEach === null
        ? {}
        : { timeRatio: theirs.timeEach / ours.timeEach, timeEach: ours.timeEach }
    rounds.push({ perSecond: ours.perSecond, barePerSecond: theirs.perSecond, ratio, ...times })
    showProgress(
      `checks with ${name}: round ${round} of ${ROUNDS}: ${ours.perSecond.toFixed(0)}/s against ${theirs.perSecond.toFixed(0)}/s bare`,
    )
  }
  return rounds
}

/** A comparison with other bytes would be worth nothing. The date may differ. */
function requireSame(one: RawAnswer, other: RawAnswer): void {
  const write = ({ status, head, body }: RawAnswer) => {
    const lines = head.filter((line) => !/^date:/i.test(line))
    return JSON.stringify([status, lines.toSorted(), body])
  }
  if (write(one) !== write(other)) {
    throw new Error(`The bare server does not answer the same:\n${write(one)}\n${write(other)}`)
  }
}

function toRows(name: string, rounds: readonly Round[]): readonly Row[] {
  const measure = `GET /v1/session with ${name}`
  const times = rounds.flatMap(({ timeRatio }) => (timeRatio === undefined ? [] : [timeRatio]))
  const microseconds = rounds.flatMap(({ timeEach }) => (timeEach === undefined ? [] : [timeEach * 1000]))
  const row: Row = {
    measure,
    value: `${median(rounds.map(({ perSecond }) => perSecond)).toFixed(0)}/s`,
    ratio: median(rounds.map(({ ratio }) => ratio)),
    against: 'bare node:http',
    reach: { atLeast: 0.5 },
    reachInWords: '≥ 0.50',
    rounds,
  }
  if (times.length === 0) return [row]
  const inTime: Row = {
    measure: `${measure}, by processor time`,
    value: `${median(microseconds).toFixed(1)} µs an answer`,
    ratio: median(times),
    against: 'bare node:http',
    reach: null,
    reachInWords: '',
    rounds: [],
  }
  return [row, inTime]
}
