import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'

/** How a range server answers one request. */
export type RangeAnswer = (request: IncomingMessage, response: ServerResponse) => void

/** A server with the range API of Pwned Passwords, on loopback. */
export type RangeServer = {
  /** Its address, with the slash to which five digits are added. */
  readonly url: string
  /** What it was asked, in order. */
  readonly requests: readonly { readonly path: string; readonly headers: IncomingMessage['headers'] }[]
  /** Has it answer otherwise from now on; `null` as the API does. */
  answerWith(answer: RangeAnswer | null): void
  close(): Promise<void>
}

/**
 * Starts a range server that knows these passwords, each seen so many times; nought is padding. With a certificate it
 * speaks TLS.
 */
export async function startRangeServer(
  breached: Readonly<Record<string, number>>,
  tls?: { readonly certificate: string; readonly key: string },
): Promise<RangeServer> {
  const requests: { path: string; headers: IncomingMessage['headers'] }[] = []
  let answer: RangeAnswer | null = null
  const listen: RangeAnswer = (request, response) => {
    requests.push({ path: request.url ?? '', headers: request.headers })
    if (answer === null) response.end(rangeOf(breached, request.url ?? ''))
    else answer(request, response)
  }
  const server =
    tls === undefined ? createServer(listen) : createTlsServer({ cert: tls.certificate, key: tls.key }, listen)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${portOf(server)}/range/`,
    requests,
    answerWith(next) {
      answer = next
    },
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

/** The SHA-1 of a password as the API writes it. */
export function sha1(password: string): string {
  return createHash('sha1').update(password).digest('hex').toUpperCase()
}

/** What the API answers: a few hashes that nobody asked about, and those that are asked about. */
function rangeOf(breached: Readonly<Record<string, number>>, path: string): string {
  const prefix = path.slice('/range/'.length)
  const others = ['someone', 'anyone', 'everyone'].map((text) => `${sha1(text).slice(5)}:3`)
  const found = Object.entries(breached)
    .filter(([password]) => sha1(password).startsWith(prefix))
    .map(([password, count]) => `${sha1(password).slice(5)}:${count}`)
  return [...others, ...found].sort().join('\r\n')
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}
