import type { LookupAddress } from 'node:dns'
import { type IncomingMessage, Agent as PlainAgent, request as requestPlainly } from 'node:http'
import { request as requestSecurely, Agent as SecureAgent } from 'node:https'
import type { LookupFunction } from 'node:net'

/** What is sent where. */
export type Post = {
  readonly url: URL
  /** Where the URL's host is, as it was checked: no name is looked up again. */
  readonly addresses: readonly LookupAddress[]
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** A certificate authority in place of those that Node trusts. */
  readonly ca?: string | undefined
  /** How long connecting and everything may take, in milliseconds. */
  readonly patience: Patience
  readonly signal?: AbortSignal | undefined
}

/** How long connecting and everything may take, in milliseconds. */
export type Patience = { readonly connect: number; readonly whole: number }

/** How much of an answer is read, so that the other side may finish it. Nobody looks at it. */
const MOST_ANSWER = 16_384

/**
 * Posts JSON and says with which status it was answered. No redirect is followed, no proxy of the environment used, no
 * connection kept, and TLS is checked whatever Node's own variables say.
 *
 * @throws {Error} when there is no answer in time.
 */
export async function post({ url, addresses, headers, body, ca, patience, signal }: Post): Promise<number> {
  const options = {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    lookup: answerWith(addresses),
    signal,
  }
  // An agent without variables to read a proxy from has none, whatever NODE_USE_ENV_PROXY says.
  const own = { keepAlive: false, proxyEnv: {} }
  const request =
    url.protocol === 'https:'
      ? requestSecurely(url, { ...options, agent: new SecureAgent(own), ca, rejectUnauthorized: true })
      : requestPlainly(url, { ...options, agent: new PlainAgent(own) })
  const timers = [
    setTimeout(() => request.destroy(new Error('there was no answer in time')), patience.whole),
    setTimeout(() => request.destroy(new Error('there was no connection in time')), patience.connect),
  ]
  request.on('socket', (socket) => {
    socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => clearTimeout(timers[1]))
  })
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request.on('response', resolve).on('error', reject)
      // An answer that asks for another protocol (101) ends the connection, and is neither a response nor an error.
      request.on('close', () => reject(new Error('the connection was closed without an answer'))).end(body)
    })
    await skip(response)
    return response.statusCode ?? 0
  } catch (error) {
    throw inOneSentence(error)
  } finally {
    for (const timer of timers) clearTimeout(timer)
    request.destroy()
  }
}

/** Stands in for the system's resolver, which could have another answer by now. */
function answerWith(addresses: readonly LookupAddress[]): LookupFunction {
  return (_hostname, options, callback) => {
    if (options.all === true) return callback(null, [...addresses])
    const [first] = addresses
    callback(null, first?.address ?? '', first?.family)
  }
}

/** Where a name has several addresses and none answers, there is an error for each and no message for all. */
function inOneSentence(error: unknown): unknown {
  if (!(error instanceof AggregateError)) return error
  return new Error(error.errors.map(String).join('; '), { cause: error })
}

/** Reads an answer to its end, or as far as anybody should have to. The status stands, whatever becomes of the rest. */
async function skip(response: IncomingMessage): Promise<void> {
  let size = 0
  try {
    for await (const chunk of response) {
      size += Buffer.byteLength(chunk)
      if (size > MOST_ANSWER) return
    }
  } catch {
    // It was answered: that the answer's body broke off changes nothing.
  }
}
