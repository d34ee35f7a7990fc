import type { Finding, Outcome } from '../outcome.ts'
import { startList } from '../processes/start-process.ts'
import { countOf, type Tally } from '../processes/tally.ts'
import { besiege } from '../siege.ts'
import { networkOf, writeGuess } from '../write-requests.ts'

const ACCOUNTS = 500
const AT_ONCE = 50
/** Failures that a network has in five minutes. */
const BUDGET = 60

/** One password tried at 500 accounts: from one network, and from as many networks as there are accounts. */
export async function runSpray(): Promise<readonly Outcome[]> {
  const emails = Array.from({ length: ACCOUNTS }, (_, index) => `sprayed-${index}@example.com`)
  const spray = (networkAt: (index: number) => string) => async (port: number) => {
    const list = startList()
    const requests = emails.map((email, index) =>
      writeGuess({ email, password: 'Summer-2026', network: networkAt(index) }),
    )
    const result = await list.run({ port, atOnce: AT_ONCE, requests })
    await list.stop()
    return result
  }
  const shared = { goodWithin: 200, memoryWithin: 64, prepare: (site: Site) => site.addAccounts(emails) }
  return [
    await besiege({
      ...shared,
      scenario: `a spray over ${ACCOUNTS} accounts from one /64`,
      async attack({ port }) {
        // Every address of it: they are one network.
        const result = await spray((index) => `2001:db8:77:1:${index.toString(16)}::1`)(port)
        const finding = judge(result)
        const words = `at most ${BUDGET} are judged: ${finding.evaluated}`
        return { ...finding, promises: [...finding.promises, { words, isKept: finding.evaluated <= BUDGET }] }
      },
    }),
    await besiege({
      ...shared,
      scenario: `a spray over ${ACCOUNTS} accounts from ${ACCOUNTS} networks`,
      async attack({ port }) {
        const finding = judge(await spray(networkOf)(port))
        const remarks = ['Each account is guessed at once and each network guesses once: no budget is touched.']
        return { ...finding, remarks }
      },
    }),
  ]
}

type Site = { addAccounts(emails: readonly string[]): Promise<void> }

function judge(result: Tally): Finding {
  const evaluated = countOf(result, (status) => status === 400 || status === 401)
  const refused = countOf(result, (status) => status === 429 || status === 503)
  return {
    tried: ACCOUNTS,
    evaluated,
    refused,
    faults: countOf(result, (status) => status >= 500 && status !== 503),
    promises: [{ words: `every other is refused: ${refused}`, isKept: evaluated + refused === ACCOUNTS }],
  }
}
