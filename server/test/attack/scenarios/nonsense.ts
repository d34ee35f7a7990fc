import { countJudged } from '../count-judged.ts'
import type { Outcome } from '../outcome.ts'
import { startNonsense } from '../processes/start-process.ts'
import { addTallies, countOf } from '../processes/tally.ts'
import { besiege } from '../siege.ts'

const COUNT = 100_000
const AT_ONCE = 32
/** By how much the second half may make the server grow, in MB. */
const FLAT = 32

/** 10⁵ malformed requests: broken lines, headers and bodies, at every route. */
export async function runNonsense(): Promise<readonly Outcome[]> {
  const outcome = await besiege({
    scenario: `${COUNT} malformed requests`,
    goodWithin: 200,
    memoryWithin: 150,
    async attack({ folder, port, readMemory }) {
      const earlier = countJudged(folder)
      const nonsense = startNonsense()
      const started = performance.now()
      const first = await nonsense.run({ port, from: 0, count: COUNT / 2, atOnce: AT_ONCE })
      const halfway = readMemory()
      const second = await nonsense.run({ port, from: COUNT / 2, count: COUNT / 2, atOnce: AT_ONCE })
      const grown = readMemory() - halfway
      const result = addTallies(first, second)
      const seconds = (performance.now() - started) / 1000
      await nonsense.stop()
      return {
        tried: COUNT,
        evaluated: countJudged(folder) - earlier,
        refused: countOf(result, (status) => status === 429 || status === 503),
        faults: countOf(result, (status) => status >= 500 && status !== 503),
        promises: [
          { words: `memory is flat: ${grown.toFixed(0)} MB more at the end than halfway`, isKept: grown < FLAT },
          ...[...first.faults, ...second.faults].map((words) => ({ words, isKept: false })),
        ],
        remarks: [`Answered ${JSON.stringify(result.statuses)} (0: closed without a word) in ${seconds.toFixed(0)} s.`],
      }
    },
  })
  return [outcome]
}
