import { setTimeout as sleep } from 'node:timers/promises'
import { readResidentMemory } from '../processes/read-process.ts'
import { startBareServer } from '../processes/start-children.ts'
import { makeFolder, startLatchkey } from '../processes/start-latchkey.ts'
import type { Row } from '../row.ts'
import { askOnce } from '../tools/ask-once.ts'
import { showProgress } from '../tools/show-progress.ts'
import { median } from '../tools/statistics.ts'
import { writeRequest } from '../tools/write-request.ts'
import { openAccounts, openChecks } from './open-accounts.ts'

const ROUNDS = 3
/** How long nothing happens before memory is read, in milliseconds. */
const REST = 10_000
const ACCOUNTS = 4

/** Resident memory at rest: after the start, and again after some registrations, logins and checks. */
export async function measureMemory(): Promise<readonly Row[]> {
  showProgress(`memory: ${ROUNDS} servers, each twice ${REST / 1000} s at rest`)
  const rounds = await Promise.all(Array.from({ length: ROUNDS }, measureOne))
  const used = median(rounds.map(({ afterLogins }) => afterLogins))
  const unused = median(rounds.map(({ afterStart }) => afterStart))
  const row = { against: 'bare node:http', reach: { below: 110 }, reachInWords: '< 110 MB' }
  return [
    {
      ...row,
      measure: 'memory at rest after the start',
      value: `${unused.toFixed(0)} MB`,
      ratio: median(rounds.map(({ afterStart, bare }) => afterStart / bare)),
      judged: unused,
      rounds,
    },
    {
      ...row,
      measure: `memory at rest after ${3 * ACCOUNTS} logins and registrations`,
      value: `${used.toFixed(0)} MB`,
      ratio: median(rounds.map(({ afterLogins, bare }) => afterLogins / bare)),
      judged: used,
      rounds,
    },
  ]
}

async function measureOne(): Promise<{ afterStart: number; afterLogins: number; bare: number }> {
  const server = await startLatchkey(makeFolder())
  const bare = await startBareServer(await askOnce(server.port, writeRequest({ method: 'GET', path: '/healthz' })))
  try {
    await sleep(REST)
    const afterStart = readResidentMemory(server.pid)
    await openChecks(server.port, await openAccounts(server.port, ACCOUNTS))
    await sleep(REST)
    const used = { afterStart, afterLogins: readResidentMemory(server.pid), bare: readResidentMemory(bare.pid) }
    return used
  } finally {
    await Promise.all([server.stop(), bare.stop()])
  }
}
