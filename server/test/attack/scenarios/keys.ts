import { DEFAULT_LIMITS } from '../../../src/core/attempt-rules.ts'
import { prune } from '../../../src/core/prune.ts'
import type { Outcome, RunOptions } from '../outcome.ts'
import { startList } from '../processes/start-process.ts'
import { addTallies, countOf, type Tally } from '../processes/tally.ts'
import { besiege } from '../siege.ts'
import { openSite } from '../site.ts'
import { networkOf, writePost } from '../write-requests.ts'

/** How many requests are written at a time. */
const CHUNK = 5000
const AT_ONCE = 32
const DAY = 86_400_000
/** By how much the second half may make the server grow, in MB: the limiter keeps nothing in memory. */
const FLAT = 32

/**
 * Every request a network and a name never seen before, at a form that asks the limiter before it hashes anything: each
 * leaves a counter and a counted name in the database, and nothing in memory.
 */
export async function runKeys({ isLong }: RunOptions): Promise<readonly Outcome[]> {
  const count = isLong ? 1_000_000 : 100_000
  const outcome = await besiege({
    scenario: `${count} networks, each with a name, against the limiter`,
    goodWithin: 200,
    memoryWithin: 100,
    async attack({ folder, port, readMemory, endServer }) {
      const list = startList()
      const started = performance.now()
      let tally: Tally = { statuses: {}, withoutRetryAfter: 0 }
      let halfway = 0
      for (let from = 0; from < count; from += CHUNK) {
        if (from === count / 2) halfway = readMemory()
        const requests = Array.from({ length: CHUNK }, (_, index) => askForName(from + index))
        tally = addTallies(tally, await list.run({ port, atOnce: AT_ONCE, requests }))
      }
      const seconds = (performance.now() - started) / 1000
      const atEnd = readMemory()
      await list.stop()
      await endServer()
      const rows = await pruneInTwoDays(folder)
      const answered = countOf(tally, (status) => status === 400)
      const refused = countOf(tally, (status) => status === 429 || status === 503)
      return {
        tried: count,
        evaluated: 0,
        refused,
        faults: countOf(tally, (status) => status >= 500 && status !== 503),
        promises: [
          {
            words: `each is answered as the form deserves, or refused: ${answered} and ${refused}`,
            isKept: answered + refused === count,
          },
          {
            words: `memory is flat: ${(atEnd - halfway).toFixed(0)} MB more at the end than halfway`,
            isKept: atEnd - halfway < FLAT,
          },
          {
            words: `${rows.before} counters in the database, ${rows.after} after two days and an hour`,
            isKept: rows.before === answered && rows.after === 0,
          },
        ],
        remarks: [
          `It took ${seconds.toFixed(0)} s, ${(count / seconds).toFixed(0)} a second; pruning took ${rows.seconds.toFixed(1)} s.`,
        ],
      }
    },
  })
  return [outcome]
}

/** A registration that lacks its password: it tells whether the name is taken, so the name is counted. */
function askForName(index: number): string {
  const json = { first_name: 'A', last_name: 'B', email: `name-${index}@example.com`, password1: 'x', password2: 'y' }
  return writePost('/api/users/registration/', json, networkOf(index))
}

/** What the hourly pruning leaves of the counters, once nobody can need them. */
async function pruneInTwoDays(folder: string): Promise<{ before: number; after: number; seconds: number }> {
  const site = await openSite(folder)
  const count = async () => (await site.store.listAttempts({ prefix: 'names:', limit: 2_000_000 })).length
  const before = await count()
  const started = performance.now()
  await prune({ store: site.store, limits: DEFAULT_LIMITS, webhook: null, now: () => Date.now() + 2 * DAY + 3_600_000 })
  const seconds = (performance.now() - started) / 1000
  const after = await count()
  await site.close()
  return { before, after, seconds }
}
