import { CORES } from '../../../../bench/tools/describe-machine.ts'
import type { Outcome } from '../outcome.ts'
import { startLoop } from '../processes/start-process.ts'
import { countOf } from '../processes/tally.ts'
import { besiege } from '../siege.ts'
import { PASSWORD } from '../site.ts'
import { networkOf, writeGuess } from '../write-requests.ts'

const CAPACITY_TIME = 5000
const FLOOD_TIME = 12_000

/** As many logins at once, each of an account and from a network of its own, that come back when they were told to. */
export async function runLogins(count: number): Promise<readonly Outcome[]> {
  const emails = Array.from({ length: count }, (_, index) => `owner-${index}@example.com`)
  const outcome = await besiege({
    scenario: `${count} parallel logins`,
    goodWithin: 100,
    memoryWithin: 100,
    prepare: (site) => site.addAccounts(emails),
    async attack({ port }) {
      const loop = startLoop()
      const requests = emails.map((email, index) =>
        writeGuess({ email, password: PASSWORD, network: networkOf(index) }),
      )
      const few = { port, milliseconds: CAPACITY_TIME, requests: requests.slice(0, CORES * 4) }
      const before = await loop.run(few)
      const flood = await loop.run({ port, milliseconds: FLOOD_TIME, requests })
      const after = await loop.run(few)
      await loop.stop()
      const capacity = (before.goodPerSecond + after.goodPerSecond) / 2
      const share = flood.goodPerSecond / capacity
      const evaluated = countOf(flood, (status) => status === 200)
      const refused = countOf(flood, (status) => status === 429 || status === 503)
      const tried = countOf(flood, () => true)
      return {
        tried,
        evaluated,
        refused,
        faults: countOf(flood, (status) => status >= 500 && status !== 503),
        promises: [
          {
            words: `goodput at least 0.8 of capacity: ${flood.goodPerSecond.toFixed(0)}/s of ${capacity.toFixed(0)}/s, ${share.toFixed(2)}`,
            isKept: share >= 0.8,
          },
          { words: `every login is answered 200 or refused: ${tried}`, isKept: evaluated + refused === tried },
          {
            words: `refusals that do not say when to come back: ${flood.withoutRetryAfter}`,
            isKept: flood.withoutRetryAfter === 0,
          },
        ],
        remarks: [
          `A login that was let in took ${flood.good.p50.toFixed(0)} ms (p99 ${flood.good.p99.toFixed(0)}); the clients hash nothing but share the server's cores.`,
        ],
      }
    },
  })
  return [outcome]
}
