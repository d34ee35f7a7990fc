import { type IncomingMessage, Agent as PlainAgent, request as requestPlainly } from 'node:http'
import { request as requestSecurely, Agent as SecureAgent } from 'node:https'
import { isRecord, type LegacyReply } from '../http/legacy-login.ts'

/** How long a question may take in all, from the look-up of the name to the last byte, in milliseconds. */
export const PATIENCE = 5000
/** The longest answer that is read, in bytes. */
const LONGEST_ANSWER = 64 * 1024

/**
 * Posts a login to an old server. No redirect is followed, no cookie kept, no proxy of the environment used, and TLS is
 * checked whatever Node's own variables say. Nothing of the client's request goes along: its address would be believed by
 * a server that trusts this one, and could be made up; its cookies and tokens are nobody else's business.
 *
 * @throws {Error} whatever keeps an answer in JSON from being read in time; its message is for the operator.
 */
export async function postLogin(
  url: URL,
  fields: Readonly<Record<string, string>>,
  { patience = PATIENCE }: { patience?: number } = {},
): Promise<LegacyReply> {
  const signal = AbortSignal.timeout(patience)
  const tooLate = () => new Error(`it did not answer within ${patience} ms`)
  try {
    const response = await open(url, { body: JSON.stringify(fields), signal })
    const status = response.statusCode ?? 0
    if (status >= 300 && status < 400) {
      response.destroy()
      throw new Error(`it answered ${status}, a redirect, which is not followed`)
    }
    return { status, body: parse(await readText(response), status) }
  } catch (error) {
    throw signal.aborted ? tooLate() : inOneSentence(error)
  }
}

function open(url: URL, { body, signal }: { body: string; signal: AbortSignal }): Promise<IncomingMessage> {
  const headers = {
    accept: 'application/json',
    'accept-encoding': 'identity',
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'user-agent': 'latchkey',
  }
  const options = { method: 'POST', headers, signal }
  // An agent without variables to read a proxy from has none, whatever NODE_USE_ENV_PROXY says.
  const own = { keepAlive: false, proxyEnv: {} }
  const request =
    url.protocol === 'https:'
      ? requestSecurely(url, { ...options, agent: new SecureAgent(own), rejectUnauthorized: true })
      : requestPlainly(url, { ...options, agent: new PlainAgent(own) })
  return new Promise((resolve, reject) => {
    request
      .on('response', resolve)
      .on('error', reject)
      // An answer that asks for another protocol (101) ends the connection, and is neither a response nor an error.
      .on('close', () => reject(new Error('it closed the connection')))
      .end(body)
  })
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of response) {
    const bytes = Buffer.from(chunk)
    length += bytes.length
    if (length > LONGEST_ANSWER) throw new Error(`its answer is longer than ${LONGEST_ANSWER} bytes`)
    chunks.push(bytes)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parse(text: string, status: number): LegacyReply['body'] {
  const body = tryParse(text)
  if (isRecord(body)) return body
  throw new Error(`it answered ${status} with something that is no JSON object`)
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** Where a name has several addresses and none answers, there is an error for each and no message for all. */
function inOneSentence(error: unknown): Error {
  if (error instanceof AggregateError) return new Error(error.errors.map(String).join('; '), { cause: error })
  return error instanceof Error ? error : new Error(String(error))
}
