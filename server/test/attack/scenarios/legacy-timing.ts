import { rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeFolder, startLatchkey } from '../../../../bench/processes/start-latchkey.ts'
import { makeLegacyHashes } from '../../../../bench/tools/make-legacy-hashes.ts'
import { showProgress } from '../../../../bench/tools/show-progress.ts'
import { compareSpreads, type SpreadRow } from '../compare-times.ts'
import { startList } from '../processes/start-process.ts'
import { IN_FORCE, openSite, PASSWORD, SECRET } from '../site.ts'
import { networkOf, writeGuess } from '../write-requests.ts'

/** How many accounts there are, and how many names that nobody has are tried beside them. */
const NAMES = 600
/** Names of either kind before those that count. */
const WARM_UP = 40
/** Noise of the machine is no fault of the server's: so often is everything measured, if need be. */
const MOST_MEASURES = 3

/** What accounts have, of every ten. */
const SHARES = { ours: 4, wrapped: 3, bcrypt: 1, pbkdf2: 2 } as const
type Hash = keyof typeof SHARES

/** One whole measure of what the clock tells where some accounts have hashes of another back end. */
export type LegacyTiming = { readonly rows: readonly SpreadRow[]; readonly measure: number }

/**
 * Times failing logins over HTTP at a server some of whose accounts have hashes that take far longer to check than ours:
 * one wrong guess at every account, and at as many names that nobody has, in one random order. No single name can be
 * measured twice without being noticed, so what is compared is how the times of all are spread.
 */
export async function runLegacyTiming(): Promise<readonly LegacyTiming[]> {
  const folder = makeFolder()
  const site = await openSite(folder)
  const hashes = await makeLegacyHashes(PASSWORD, IN_FORCE)
  for (const [hash, emails] of Object.entries(groupNames())) {
    const passwordHash = hash === 'ours' ? undefined : hashes[hash as Exclude<Hash, 'ours'>]
    await site.addAccounts(emails, passwordHash === undefined ? {} : { passwordHash })
  }
  await site.close()
  const env = { LATCHKEY_SECRET: SECRET, LATCHKEY_TRUSTED_PROXIES: '127.0.0.1' }
  const server = await startLatchkey(folder, { env })
  try {
    const timings: LegacyTiming[] = []
    for (let measure = 1; measure <= MOST_MEASURES; measure++) {
      const rows = [await measureOnce(server.port, measure)]
      timings.push({ rows, measure })
      if (rows.every(({ isKept }) => isKept)) break
      showProgress(`legacy-timing: measure ${measure} is out of bounds`)
      await sleep(2000)
    }
    return timings
  } finally {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measureOnce(port: number, measure: number): Promise<SpreadRow> {
  const rounds = NAMES + WARM_UP
  const numbers = Array.from({ length: rounds }, (_, index) => index)
  const guesses = [
    ...shuffle(numbers).map((number) => ({ isKnown: true, email: accountName(number) })),
    // Each name once and for all: who is guessed at again is on their way to being locked.
    ...numbers.map((number) => ({ isKnown: false, email: nameOf('nobody', number + measure * rounds) })),
  ]
  const order = shuffle(guesses)
  const requests = order.map(({ email }, place) =>
    writeGuess({ email, password: 'a wrong password', network: networkOf(measure * 2 * rounds + place) }),
  )
  const list = startList()
  const { answers } = await list.run({ port, atOnce: 1, requests, keepsTimes: true })
  await list.stop()
  const known: number[] = []
  const unknown: number[] = []
  for (const [place, { isKnown, email }] of order.entries()) {
    const [status = 0, took = 0] = answers[place] ?? []
    if (status !== 400) throw new Error(`A guess at ${email} was answered ${status}.`)
    if (place >= 2 * WARM_UP) (isKnown ? known : unknown).push(took)
  }
  const words = 'unknown name, against accounts: 4 of 10 ours, 3 wrapped md5, 1 bcrypt 12, 2 pbkdf2 of 1 000 000'
  const row = compareSpreads(words, unknown, known)
  showProgress(`legacy-timing: AUC ${row.auc.toFixed(3)}, farthest ${row.distance.toFixed(3)}`)
  return row
}

/** The names of the accounts by what hash they have. */
function groupNames(): Record<Hash, string[]> {
  const pattern = (Object.keys(SHARES) as Hash[]).flatMap((hash) => Array.from({ length: SHARES[hash] }, () => hash))
  const groups: Record<Hash, string[]> = { ours: [], wrapped: [], bcrypt: [], pbkdf2: [] }
  for (let number = 0; number < NAMES + WARM_UP; number++) {
    groups[pattern[number % pattern.length] ?? 'ours'].push(accountName(number))
  }
  return groups
}

function accountName(number: number): string {
  return nameOf('owner', number)
}

/** All of one length: longer names take longer to send. */
function nameOf(kind: string, number: number): string {
  return `${kind.padEnd(8, 'x')}-${String(number).padStart(6, '0')}@example.com`
}

function shuffle<Thing>(things: readonly Thing[]): Thing[] {
  return things
    .map((thing) => ({ thing, at: Math.random() }))
    .sort((one, other) => one.at - other.at)
    .map(({ thing }) => thing)
}
