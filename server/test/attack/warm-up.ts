import { setTimeout as sleep } from 'node:timers/promises'
import { askOnce } from '../../../bench/tools/ask-once.ts'
import { startList } from './processes/start-process.ts'
import { PASSWORD } from './site.ts'
import { writeCheck, writeGuess } from './write-requests.ts'

/** Whose token the good client has. */
export const OWNER = 'good-client@example.com'
const NETWORK = '192.0.2.1'
const AT_ONCE = 16

/**
 * Makes a server answer what it is there for, because one that has answered nothing yet grows and is slow whatever it is
 * asked.
 *
 * @returns the good client's token.
 */
export async function warmUp(port: number): Promise<string> {
  const login = writeGuess({ email: OWNER, password: PASSWORD, network: NETWORK })
  const { status, body } = await askOnce(port, login)
  if (status !== 200) throw new Error(`The good client's login was answered ${status}: ${body}`)
  const token = String(JSON.parse(body).key)
  const unknown = Array.from({ length: 40 }, (_, index) =>
    writeGuess({ email: `warm-${index}@example.com`, password: 'a wrong password', network: `198.18.255.${index}` }),
  )
  const list = startList()
  await list.run({ port, atOnce: AT_ONCE, requests: Array.from({ length: 3000 }, () => writeCheck(token)) })
  await list.run({ port, atOnce: AT_ONCE, requests: [...Array.from({ length: 100 }, () => login), ...unknown] })
  await list.stop()
  await sleep(500)
  return token
}
