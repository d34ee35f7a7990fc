import { makeFolder, startLatchkey } from '../processes/start-latchkey.ts'
import { startPlain } from '../processes/start-plain.ts'
import type { Row } from '../row.ts'
import { showProgress } from '../tools/show-progress.ts'
import { median } from '../tools/statistics.ts'

const ROUNDS = 9

/**
 * From the start of the process to the first answer of `/healthz`: on an empty folder, where the database, the secret
 * and the signing key are made, and on one that has them. In turns with a `node:http` server of three lines.
 */
export async function measureStart(): Promise<readonly Row[]> {
  const folder = makeFolder()
  const startIn = async (where: string) => {
    const server = await startLatchkey(where)
    await server.stop()
    return server.startedIn
  }
  showProgress('start: warming up')
  await startIn(folder)
  await startPlain()
  const fresh: Round[] = []
  const existing: Round[] = []
  for (let round = 1; round <= ROUNDS; round++) {
    const onFresh = await startIn(makeFolder())
    const plain = await startPlain()
    const onExisting = await startIn(folder)
    fresh.push({ milliseconds: onFresh, plainMilliseconds: plain })
    existing.push({ milliseconds: onExisting, plainMilliseconds: plain })
    showProgress(
      `start: round ${round} of ${ROUNDS}: ${onFresh.toFixed(0)} ms fresh, ${onExisting.toFixed(0)} ms existing, ${plain.toFixed(0)} ms plain Node`,
    )
  }
  return [
    toRow('start to first answer, fresh database', fresh),
    toRow('start to first answer, existing database', existing),
  ]
}

type Round = { readonly milliseconds: number; readonly plainMilliseconds: number }

function toRow(measure: string, rounds: readonly Round[]): Row {
  const judged = median(rounds.map(({ milliseconds }) => milliseconds))
  return {
    measure,
    value: `${judged.toFixed(0)} ms`,
    ratio: median(rounds.map(({ milliseconds, plainMilliseconds }) => milliseconds / plainMilliseconds)),
    against: 'plain Node',
    judged,
    reach: { below: 400 },
    reachInWords: '< 400 ms',
    rounds,
  }
}
