import { rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeFolder, startLatchkey } from '../../../../bench/processes/start-latchkey.ts'
import { showProgress } from '../../../../bench/tools/show-progress.ts'
import { compareTimes, type TimeRow } from '../compare-times.ts'
import { lockNames } from '../lock-names.ts'
import { startList } from '../processes/start-process.ts'
import { openSite, SECRET } from '../site.ts'
import { networkOf, writeGuess } from '../write-requests.ts'

const SAMPLES = 300
/** Rounds before those that count. */
const WARM_UP = 40
/** Noise of the machine is no fault of the server's: so often is everything measured, if need be. */
const MOST_MEASURES = 3
/** How many names are locked; each is asked for several times. */
const LOCKED = 20

const PLAIN = ['wrong', 'again', 'unknown', 'disabled', 'light', 'passes'] as const
const LOCKABLE = ['locked', 'nobody'] as const
type Kind = (typeof PLAIN)[number] | (typeof LOCKABLE)[number]

/** What the rows say, and what each is compared with. `again` is the noise: the same thing twice. */
const ROWS: readonly { kind: Kind; to: Kind; words: string }[] = [
  { kind: 'again', to: 'wrong', words: 'wrong password, once more (the noise)' },
  { kind: 'unknown', to: 'wrong', words: 'unknown name' },
  { kind: 'disabled', to: 'wrong', words: 'disabled account, wrong password' },
  { kind: 'light', to: 'wrong', words: 'older hash: argon2id m=4096,t=3,p=1' },
  { kind: 'passes', to: 'wrong', words: 'older hash: argon2id m=19456,t=1,p=1' },
  { kind: 'locked', to: 'nobody', words: 'locked account, against a locked name that nobody has' },
]

/** One whole measure of what the clock tells. */
export type Timing = { readonly rows: readonly TimeRow[]; readonly measure: number }

/**
 * Times failing logins over HTTP, one at a time on one connection: every kind once a round, in another order each round,
 * each guess at another account from another network, so that no budget is touched (at the same accounts once a measure).
 * Measured again where a row is out of bounds; every measure is given back.
 */
export async function runTiming(): Promise<readonly Timing[]> {
  const folder = makeFolder()
  const rounds = SAMPLES + WARM_UP
  const site = await openSite(folder)
  await site.addAccounts(namesOf('wrong', rounds))
  await site.addAccounts(namesOf('again', rounds))
  await site.addAccounts(namesOf('disabled', rounds), { isActive: false })
  await site.addAccounts(namesOf('light', rounds), { argon2: { memory: 4096, passes: 3, lanes: 1 } })
  await site.addAccounts(namesOf('passes', rounds), { argon2: { memory: 19_456, passes: 1, lanes: 1 } })
  await site.addAccounts(namesOf('locked', LOCKED))
  await lockNames(site, [...namesOf('locked', LOCKED), ...namesOf('nobody', LOCKED)])
  await site.close()
  const env = { LATCHKEY_SECRET: SECRET, LATCHKEY_TRUSTED_PROXIES: '127.0.0.1' }
  const server = await startLatchkey(folder, { env })
  try {
    const timings: Timing[] = []
    for (let measure = 1; measure <= MOST_MEASURES; measure++) {
      const rows = await measureOnce(server.port, (measure - 1) * (SAMPLES + WARM_UP))
      timings.push({ rows, measure })
      if (rows.every(({ isKept }) => isKept)) break
      showProgress(`timing: measure ${measure} is out of bounds`)
      await sleep(2000)
    }
    return timings
  } finally {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measureOnce(port: number, from: number): Promise<readonly TimeRow[]> {
  const kinds: readonly Kind[] = [...PLAIN, ...LOCKABLE]
  const order = Array.from({ length: WARM_UP + SAMPLES }, () => shuffle(kinds)).flat()
  const asked = new Map<Kind, number>()
  const requests = order.map((kind, place) => {
    const index = asked.get(kind) ?? 0
    asked.set(kind, index + 1)
    const isLockable = LOCKABLE.some((name) => name === kind)
    const number = isLockable ? index % LOCKED : index + (kind === 'unknown' ? from : 0)
    const network = networkOf(from * kinds.length + place)
    return writeGuess({ email: nameOf(kind, number), password: 'a wrong password', network })
  })
  const list = startList()
  const { answers } = await list.run({ port, atOnce: 1, requests, keepsTimes: true })
  await list.stop()
  const times = new Map<Kind, number[]>(kinds.map((kind) => [kind, []]))
  for (const [place, kind] of order.entries()) {
    const [status = 0, took = 0] = answers[place] ?? []
    const expected = LOCKABLE.some((name) => name === kind) ? 429 : 400
    if (status !== expected) throw new Error(`A guess of the kind "${kind}" was answered ${status}.`)
    if (place >= WARM_UP * kinds.length) times.get(kind)?.push(took)
  }
  const rows = ROWS.map(({ kind, to, words }) => compareTimes(words, times.get(kind) ?? [], times.get(to) ?? []))
  showProgress(`timing: ratios ${rows.map(({ ratio }) => ratio.toFixed(3)).join(', ')}`)
  showProgress(`timing: AUC ${rows.map(({ auc }) => auc.toFixed(3)).join(', ')}`)
  return rows
}

function shuffle<Thing>(things: readonly Thing[]): Thing[] {
  return things
    .map((thing) => ({ thing, at: Math.random() }))
    .sort((one, other) => one.at - other.at)
    .map(({ thing }) => thing)
}

function namesOf(kind: Kind, count: number): string[] {
  return Array.from({ length: count }, (_, index) => nameOf(kind, index))
}

/** All of one length: longer names take longer to send. */
function nameOf(kind: Kind, index: number): string {
  return `${kind.padEnd(8, 'x')}-${String(index).padStart(6, '0')}@example.com`
}
