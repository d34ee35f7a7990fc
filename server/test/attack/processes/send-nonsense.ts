import { connect } from 'node:net'
import { doTasks } from '../../../../bench/processes/do-tasks.ts'
import { makeNonsense } from './make-nonsense.ts'
import { startTally, type Tally } from './tally.ts'

/** Which of the endless row of malformed requests to send. */
export type NonsenseTask = {
  readonly port: number
  readonly from: number
  readonly count: number
  readonly atOnce: number
}

export type NonsenseResult = Tally & {
  /** The first few that were answered with a 5xx other than 503, as text. */
  readonly faults: readonly string[]
}

/** How long an answer may take, in milliseconds. */
const PATIENCE = 20_000
/** Loopback is a whole /8: with one address alone its ports would run out. */
const ADDRESSES = 200

async function sendNonsense({ port, from, count, atOnce }: NonsenseTask): Promise<NonsenseResult> {
  const tally = startTally()
  const faults: string[] = []
  let next = from
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let index = next++; index < from + count; index = next++) {
        const bytes = makeNonsense(index)
        for (const status of await exchange(port, bytes, `127.0.1.${1 + (index % ADDRESSES)}`)) {
          tally.count({ status, retryAfter: 0 })
          if (status >= 500 && status !== 503 && faults.length < 5) {
            faults.push(
              `request ${index} was answered ${status}: ${JSON.stringify(bytes.toString('latin1').slice(0, 300))}`,
            )
          }
        }
      }
    }),
  )
  return { ...tally.sum(), faults }
}

/** The statuses of whatever came back until the other side was through; 0 where nothing did. */
function exchange(port: number, bytes: Buffer, localAddress: string): Promise<readonly number[]> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', localAddress })
    let text = ''
    socket.setEncoding('latin1')
    socket.setTimeout(PATIENCE, () => socket.destroy())
    socket.on('error', () => socket.destroy())
    socket.on('connect', () => socket.end(bytes))
    socket.on('data', (chunk: string) => {
      text += chunk
    })
    socket.on('close', () => {
      const found = [...text.matchAll(/(?<=^|\n|\})HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]))
      resolve(found.length === 0 ? [0] : found)
    })
  })
}

doTasks(sendNonsense)
