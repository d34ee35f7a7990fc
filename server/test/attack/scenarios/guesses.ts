import { LOGINS } from '../../kit/doors.ts'
import { countJudged } from '../count-judged.ts'
import type { Outcome } from '../outcome.ts'
import { startList } from '../processes/start-process.ts'
import { addTallies, countOf, type Tally } from '../processes/tally.ts'
import { besiege } from '../siege.ts'
import { PASSWORD } from '../site.ts'
import { networkOf, writeGuess } from '../write-requests.ts'

const VICTIMS = Array.from({ length: 10 }, (_, index) => `victim-${index}@example.com`)
const HOME = '203.0.113.7'
const ELSEWHERE = '203.0.113.99'
const GUESSES = 200
const BUDGET = 10

/** 200 guesses at one account at the same moment, through every door, each from a network of its own; ten times. */
export async function runGuesses(): Promise<readonly Outcome[]> {
  const outcome = await besiege({
    scenario: `${GUESSES} parallel guesses over all doors at one account, ${VICTIMS.length} times`,
    goodWithin: 200,
    memoryWithin: 64,
    prepare: (site) => site.addAccounts(VICTIMS),
    async attack({ port, folder, endServer }) {
      const list = startList()
      const earlier = countJudged(folder)
      const ask = (requests: readonly string[]) => list.run({ port, atOnce: requests.length, requests })
      let flood: Tally = { statuses: {}, withoutRetryAfter: 0 }
      const judged: number[] = []
      const owners: string[] = []
      for (const email of VICTIMS) {
        const own = writeGuess({ email, password: PASSWORD, network: HOME })
        const before = await ask([own])
        const result = await ask(writeGuesses(email))
        judged.push(countOf(result, isJudged))
        flood = addTallies(flood, result)
        const elsewhere = await ask([writeGuess({ email, password: PASSWORD, network: ELSEWHERE })])
        const after = await ask([own])
        owners.push([before, elsewhere, after].map(({ statuses }) => Object.keys(statuses).join()).join())
      }
      await list.stop()
      await endServer()

      const evaluated = countOf(flood, isJudged)
      const refused = countOf(flood, (status) => status === 429 || status === 503)
      const counted = countJudged(folder) - earlier
      return {
        tried: VICTIMS.length * GUESSES,
        evaluated,
        refused,
        faults: countOf(flood, (status) => status >= 500 && status !== 503),
        promises: [
          { words: `at most ${BUDGET} are judged: ${judged.join(', ')}`, isKept: Math.max(...judged) <= BUDGET },
          { words: `every other is refused: ${refused}`, isKept: evaluated + refused === VICTIMS.length * GUESSES },
          { words: `the database counted as many: ${counted}`, isKept: counted === evaluated },
          {
            words: `refusals that do not say when to come back: ${flood.withoutRetryAfter}`,
            isKept: flood.withoutRetryAfter === 0,
          },
          {
            words: `the owner gets in from where they signed in before, and from nowhere else: ${owners.join(' ')}`,
            isKept: owners.every((statuses) => statuses === '200,429,200'),
          },
        ],
      }
    },
  })
  return [outcome]
}

function writeGuesses(email: string): string[] {
  return Array.from({ length: GUESSES }, (_, index) =>
    writeGuess({
      email: index % 2 === 0 ? email : email.toUpperCase(),
      password: `a wrong guess, number ${index}`,
      network: networkOf(index),
      door: LOGINS[index % LOGINS.length],
    }),
  )
}

function isJudged(status: number): boolean {
  return status === 400 || status === 401
}
