import { readProcessorTime } from '../processes/read-process.ts'
import { startBareServer, startLoad } from '../processes/start-children.ts'
import { type LatchkeyProcess, makeFolder, startLatchkey } from '../processes/start-latchkey.ts'
import type { Reach, Row } from '../row.ts'
import { askOnce, type RawAnswer } from '../tools/ask-once.ts'
import { CORES } from '../tools/describe-machine.ts'
import { showProgress } from '../tools/show-progress.ts'
import { median } from '../tools/statistics.ts'
import { writeRequest } from '../tools/write-request.ts'
import { openAccounts, openTokens, writeCheck } from './open-accounts.ts'
import { openService } from './open-service.ts'

const ROUNDS = 7
const ROUND = 1000
const WARM_UP = 1000
const CONNECTIONS = 16
const REACH: Reach = { atLeast: 0.7 }

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
/** One thing that is asked, with many tokens. */
type Question = { readonly name: string; readonly requests: readonly string[] }

/**
 * Answers per second to those who ask whose a token is, by those of bare `node:http` answering the same bytes. The two
 * take turns, and who goes first changes from round to round. Last, for information, without what is remembered of
 * tokens that were checked a moment ago: so the first check of a token is answered.
 */
export async function measureChecks(): Promise<readonly Row[]> {
  const rows: Row[] = []
  for (const workers of [1, 2]) {
    const reach = { reach: REACH, reachInWords: '≥ 0.70' }
    rows.push(...(await measure({ workers, env: {}, about: workers === 1 ? '' : `, ${workers} workers`, ...reach })))
  }
  const env = { LATCHKEY_SESSION_STALENESS_MS: '0' }
  rows.push(...(await measure({ workers: 1, env, about: ', nothing remembered', reach: null, reachInWords: '' })))
  return rows
}

type Setting = Pick<Row, 'reach' | 'reachInWords'> & {
  readonly workers: number
  readonly env: Readonly<Record<string, string>>
  readonly about: string
}

async function measure(setting: Setting): Promise<readonly Row[]> {
  const { workers, env, about } = setting
  const folder = makeFolder()
  const latchkey = await startLatchkey(folder, { args: ['--workers', String(workers)], env })
  const load = startLoad()
  const opened: { stop(): Promise<void> }[] = [latchkey, load]
  try {
    const rows: Row[] = []
    for (const { name, requests } of await listQuestions(latchkey, folder)) {
      const [request = ''] = requests
      const answer = await askOnce(latchkey.port, request)
      const bare = await startBareServer(answer, { workers })
      opened.push(bare)
      requireSame(answer, await askOnce(bare.port, request))
      const rounds = await compare(`${name}${about}`, { latchkey, bare, requests, load, workers })
      await bare.stop()
      rows.push(...toRows(`${name}${about}`, rounds, setting))
    }
    return rows
  } finally {
    await Promise.all(opened.map((one) => one.stop()))
  }
}

async function listQuestions({ port }: LatchkeyProcess, folder: string): Promise<readonly Question[]> {
  const { key, jwt } = await openTokens(port, await openAccounts(port, 8))
  const authorization = openService(folder)
  const forward = (token: string) => writeRequest({ method: 'GET', path: '/v1/forward-auth', token })
  const introspect = (token: string) =>
    writeRequest({ method: 'POST', path: '/v1/introspect', authorization, form: { token } })
  return [
    { name: 'GET /v1/session with an opaque key', requests: key.map(writeCheck) },
    { name: 'GET /v1/session with a JWT', requests: jwt.map(writeCheck) },
    { name: 'forward-auth with an opaque key', requests: key.map(forward) },
    { name: 'forward-auth with a JWT', requests: jwt.map(forward) },
    { name: 'introspection of an opaque key', requests: key.map(introspect) },
    { name: 'introspection of a JWT', requests: jwt.map(introspect) },
  ]
}

async function compare(
  name: string,
  {
    latchkey,
    bare,
    requests,
    load,
    workers,
  }: {
    latchkey: Target
    bare: Target
    requests: readonly string[]
    load: ReturnType<typeof startLoad>
    workers: number
  },
): Promise<readonly Round[]> {
  const ask = async ({ pid, port }: Target, milliseconds: number) => {
    // Of several workers the one that leads does nothing itself.
    const before = workers === 1 ? readProcessorTime(pid) : null
    const { completed, perSecond } = await load.run({
      port,
      connections: CONNECTIONS,
      milliseconds,
      requests,
      status: 200,
      // Where two workers and the generator share two cores, one that never slept would take a third of them.
      isAwake: CORES > workers,
    })
    const after = workers === 1 ? readProcessorTime(pid) : null
    return { perSecond, timeEach: before === null || after === null ? null : (after - before) / completed }
  }
  showProgress(`${name}: warming up`)
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
      `${name}: round ${round} of ${ROUNDS}: ${ours.perSecond.toFixed(0)}/s against ${theirs.perSecond.toFixed(0)}/s bare`,
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

function toRows(measure: string, rounds: readonly Round[], { reach, reachInWords }: Setting): readonly Row[] {
  const times = rounds.flatMap(({ timeRatio }) => (timeRatio === undefined ? [] : [timeRatio]))
  const microseconds = rounds.flatMap(({ timeEach }) => (timeEach === undefined ? [] : [timeEach * 1000]))
  const row: Row = {
    measure,
    value: `${median(rounds.map(({ perSecond }) => perSecond)).toFixed(0)}/s`,
    ratio: median(rounds.map(({ ratio }) => ratio)),
    against: 'bare node:http',
    reach,
    reachInWords,
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
