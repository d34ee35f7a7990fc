import type { RawAnswer } from '../tools/ask-once.ts'
import { CORES } from '../tools/describe-machine.ts'
import type { BareResult, BareTask } from './answer-bare.ts'
import type { LoadResult, LoadTask } from './generate-load.ts'
import type { LegacyHashResult, LegacyHashTask } from './hash-legacy.ts'
import type { HashResult, HashTask } from './hash-raw.ts'
import { type Child, startChild } from './start-child.ts'

/** As `server/bin/latchkey.js` has it, so that raw hashes get no more threads than Latchkey's. */
const THREADS = Math.max(4, CORES + 2)

/** A process that checks hashes and does nothing else. */
export function startHasher(): Child<HashTask, HashResult> {
  return startChild('hash-raw.ts', THREADS)
}

/** A process that does what hashes of other back ends cost, and nothing else. */
export function startLegacyHasher(): Child<LegacyHashTask, LegacyHashResult> {
  return startChild('hash-legacy.ts', THREADS)
}

/** A process that asks. */
export function startLoad(): Child<LoadTask, LoadResult> {
  return startChild('generate-load.ts', THREADS)
}

/**
 * Node's own HTTP server, answering everything with the bytes of an answer that was given before, in one process or
 * several.
 */
export async function startBareServer(
  { head, body }: RawAnswer,
  { workers = 1 }: { workers?: number } = {},
): Promise<{
  pid: number
  port: number
  stop(): Promise<void>
}> {
  const child = startChild<BareTask, BareResult>('answer-bare.ts', THREADS)
  const headers = head.flatMap((line) => {
    const [name = '', value = ''] = line.split(/: (.*)/)
    // These Node writes itself, here as there.
    return ['date', 'connection', 'keep-alive'].includes(name.toLowerCase()) ? [] : [name, value]
  })
  const { port } = await child.run({ headers, body, workers })
  return { pid: child.pid, port, stop: () => child.stop() }
}
