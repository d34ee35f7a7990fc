import type { Outcome } from '../outcome.ts'
import { startSlow } from '../processes/start-process.ts'
import { besiege } from '../siege.ts'

const EACH = 334
/** Longer than headers (10 s) and requests (15 s) may take, and the server looks every 5 s. */
const TIME = 26_000

/** A thousand sockets: a third sends headers a line a second, a third a body a byte a second, a third reads no answer. */
export async function runSlow(): Promise<readonly Outcome[]> {
  const outcome = await besiege({
    scenario: `${3 * EACH} slow sockets for ${TIME / 1000} s`,
    goodWithin: 200,
    memoryWithin: 100,
    async attack({ port }) {
      const slow = startSlow()
      const { headers, bodies, unread } = await slow.run({ port, milliseconds: TIME, each: EACH })
      await slow.stop()
      return {
        tried: 3 * EACH,
        evaluated: 0,
        refused: 0,
        faults: [headers, bodies].reduce((sum, { answers }) => sum + (answers[500] ?? 0), 0),
        promises: [
          { words: `every socket with slow headers is closed: ${headers.closed}`, isKept: headers.closed === EACH },
          { words: `every socket with a slow body is closed: ${bodies.closed}`, isKept: bodies.closed === EACH },
        ],
        remarks: [
          `Slow headers were answered ${JSON.stringify(headers.answers)}, slow bodies ${JSON.stringify(bodies.answers)}; of those that never read ${unread.closed} of ${unread.opened} were closed.`,
        ],
      }
    },
  })
  return [outcome]
}
