import { startHasher, startLoad } from '../processes/start-children.ts'
import { makeFolder, startLatchkey } from '../processes/start-latchkey.ts'
import type { Row } from '../row.ts'
import { CORES } from '../tools/describe-machine.ts'
import { showProgress } from '../tools/show-progress.ts'
import { median } from '../tools/statistics.ts'
import { openAccounts } from './open-accounts.ts'

const ROUNDS = 7
const ROUND = 2000
/** Enough that a hash always waits for a free worker, and one account each, so that no budget is shared. */
const CONNECTIONS = CORES * 4

/**
 * Logins per second by raw argon2id checks per second. Each round of logins lies between two rounds of raw checks and
 * is compared with their mean.
 */
export async function measureLogins(): Promise<readonly Row[]> {
  const server = await startLatchkey(makeFolder())
  const load = startLoad()
  const hasher = startHasher()
  try {
    const { keyLogins, pairLogins } = await openAccounts(server.port, CONNECTIONS)
    const hash = async () => (await hasher.run({ milliseconds: ROUND, atOnce: CORES })).perSecond
    const logIn = async (requests: readonly string[]) => {
      const task = { port: server.port, connections: CONNECTIONS, milliseconds: ROUND, requests, status: 200 }
      return (await load.run(task)).perSecond
    }
    showProgress('logins: warming up')
    await logIn(keyLogins)
    await logIn(pairLogins)
    let before = await hash()
    const keys: Round[] = []
    const pairs: Round[] = []
    for (let round = 1; round <= ROUNDS; round++) {
      const keysPerSecond = await logIn(keyLogins)
      const between = await hash()
      const pairsPerSecond = await logIn(pairLogins)
      const after = await hash()
      keys.push(toRound(keysPerSecond, before, between))
      pairs.push(toRound(pairsPerSecond, between, after))
      before = after
      showProgress(
        `logins: round ${round} of ${ROUNDS}: ${keysPerSecond.toFixed(0)}/s with keys, ${pairsPerSecond.toFixed(0)}/s with pairs, ${between.toFixed(0)} raw hashes/s`,
      )
    }
    return [
      toRow('logins, document 002 (a key)', keys, { atLeast: 0.9 }),
      toRow('logins, document 004 (two signatures)', pairs, null),
    ]
  } finally {
    await Promise.all([server.stop(), load.stop(), hasher.stop()])
  }
}

type Round = { readonly loginsPerSecond: number; readonly hashesPerSecond: number; readonly ratio: number }

function toRound(loginsPerSecond: number, before: number, after: number): Round {
  const hashesPerSecond = (before + after) / 2
  return { loginsPerSecond, hashesPerSecond, ratio: loginsPerSecond / hashesPerSecond }
}

function toRow(measure: string, rounds: readonly Round[], reach: Row['reach']): Row {
  return {
    measure,
    value: `${median(rounds.map(({ loginsPerSecond }) => loginsPerSecond)).toFixed(0)}/s`,
    ratio: median(rounds.map(({ ratio }) => ratio)),
    against: 'raw argon2id',
    reach,
    reachInWords: reach === null ? '' : '≥ 0.90',
    rounds,
  }
}
