import { type IncomingMessage, Agent as PlainAgent, request as requestPlainly } from 'node:http'
import { request as requestSecurely, Agent as SecureAgent } from 'node:https'

/** A server that is asked, and what every request to it carries. */
export type Target = {
  readonly url: URL
  /** What the path of the URL puts before every path, without a slash at its end. */
  readonly base: string
  readonly headers: Readonly<Record<string, string>>
  /** How long one answer may take, in milliseconds. */
  readonly patience: number
}

/** A request as it goes out: the path exactly as it is written, no body where there is none. */
export type WireRequest = {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

/** An answer as it came. `json` is `undefined` where the text is no JSON. */
export type Answer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Every cookie that was set, as `name=value`. */
  readonly cookies: readonly string[]
  readonly text: string
  readonly json: unknown
}

/** How much of an answer is read: no login answers more. */
const MOST_ANSWER = 1_048_576

/** What belongs to one connection, or would make one server answer less than the other. */
const OWN_HEADERS = /^(host|connection|content-length|transfer-encoding|keep-alive|upgrade|expect|te|trailer)$/i

/**
 * Sends one request and reads the whole answer. A redirect is an answer, nothing is sent twice, no proxy of the environment
 * is used, and TLS is checked whatever Node's own variables say.
 *
 * @throws {Error} in one sentence, when there is no whole answer in time.
 */
export async function exchange(target: Target, { method, path, headers, body }: WireRequest): Promise<Answer> {
  const sent = Object.entries({ ...headers, ...target.headers }).filter(([name]) => !OWN_HEADERS.test(name))
  const length =
    body === undefined && !/^(POST|PUT|PATCH)$/i.test(method) ? {} : { 'content-length': Buffer.byteLength(body ?? '') }
  const own = { keepAlive: false, proxyEnv: {} }
  const isSecure = target.url.protocol === 'https:'
  const options = {
    hostname: target.url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: target.url.port === '' ? (isSecure ? 443 : 80) : Number(target.url.port),
    method,
    path: `${target.base}${path}`,
    headers: { ...Object.fromEntries(sent), ...length },
  }
  const timer = { isOver: false, stop: () => {} }
  try {
    return await new Promise<Answer>((resolve, reject) => {
      const request = isSecure
        ? requestSecurely({ ...options, agent: new SecureAgent(own), rejectUnauthorized: true })
        : requestPlainly({ ...options, agent: new PlainAgent(own) })
      const timeout = setTimeout(() => {
        timer.isOver = true
        request.destroy()
      }, target.patience)
      timer.stop = () => {
        clearTimeout(timeout)
        request.destroy()
      }
      request.on('error', reject)
      // An answer that asks for another protocol (101) ends the connection, and is neither a response nor an error.
      const refuse = () => reject(new Error('the connection was closed without an answer'))
      request.on('close', refuse).on('response', (response) => {
        // The connection of an answer that has arrived can be closed before it is read.
        request.off('close', refuse)
        // Some servers send a body after HEAD, which the parser takes for an error: nobody waits for it.
        if (method === 'HEAD') resolve(toAnswer(response, ''))
        else readText(response).then((text) => resolve(toAnswer(response, text)), reject)
      })
      request.end(body)
    })
  } catch (error) {
    const what = timer.isOver ? `no whole answer within ${target.patience / 1000} s` : explain(error)
    throw new Error(what, { cause: error })
  } finally {
    timer.stop()
  }
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response) {
    const bytes = Buffer.from(chunk)
    size += bytes.length
    if (size > MOST_ANSWER) throw new Error('the answer is longer than 1 MB')
    chunks.push(bytes)
  }
  return Buffer.concat(chunks).toString()
}

function toAnswer(response: IncomingMessage, text: string): Answer {
  const headers = Object.entries(response.headers).map(([name, value]) => [name, String(value)])
  const cookies = (response.headers['set-cookie'] ?? []).map((cookie) => cookie.split(';')[0] ?? '')
  return { status: response.statusCode ?? 0, headers: Object.fromEntries(headers), cookies, text, json: parse(text) }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What went wrong, so that somebody can do something about it. */
function explain(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return explain(error.errors[0])
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error ? String(error.code) : ''
  if (code === 'ECONNREFUSED') return 'nothing listens there (ECONNREFUSED)'
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `its name is not known (${code})`
  if (code === 'ECONNRESET') return 'the connection was closed without an answer (ECONNRESET)'
  if (code === 'ERR_UNESCAPED_CHARACTERS') return 'its path has characters that no request may have'
  if (code === 'ERR_INVALID_CHAR' || code === 'ERR_INVALID_HTTP_TOKEN') return 'a request cannot be written like that'
  if (/CERT|UNABLE_TO_VERIFY|SELF_SIGNED|ISSUER|ALTNAME/.test(code)) {
    return `its certificate is not trusted (${code}); a private authority’s can be named in NODE_EXTRA_CA_CERTS`
  }
  return code.startsWith('HPE_') ? `what it answered is no HTTP (${code})` : error.message
}
