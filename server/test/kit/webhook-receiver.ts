import { createHmac, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http'
import { createServer as createSecureServer, type ServerOptions } from 'node:https'

/** A request as a webhook got it. */
export type Received = {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Somebody who listens for events on loopback. */
export type Receiver = {
  readonly port: number
  readonly received: readonly Received[]
  /** How many connections were made to it. */
  readonly connections: () => number
  /** What it answers from now on: a status, or something of its own. */
  answer(how: number | RequestListener): void
  close(): Promise<void>
}

/** Starts a real HTTP server, or an HTTPS one where it has a certificate. */
export async function startReceiver(tls?: ServerOptions): Promise<Receiver> {
  const received: Received[] = []
  let how: number | RequestListener = 204
  let connections = 0
  const listener: RequestListener = async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const { method = '', url: path = '', headers } = request
    received.push({ method, path, headers, body: Buffer.concat(chunks).toString('utf8') })
    if (typeof how === 'number') response.writeHead(how).end()
    else how(request, response)
  }
  const server = tls === undefined ? createServer(listener) : createSecureServer(tls, listener)
  server.on('connection', () => connections++)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    received,
    connections: () => connections,
    answer(next) {
      how = next
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/**
 * Whether a request is signed as the Standard Webhooks specification has it: written from the specification, for whoever
 * has one secret and knows nothing of the sender.
 */
export function isSigned({ headers, body }: Pick<Received, 'headers' | 'body'>, secret: string, now: number): boolean {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers
  if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof signatures !== 'string') return false
  if (id === '' || id.includes('.') || !/^\d+$/.test(timestamp)) return false
  if (Math.abs(now / 1000 - Number(timestamp)) > 300) return false
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(Buffer.from(body, 'utf8')).digest()
  return signatures.split(' ').some((signature) => {
    const [version, text = ''] = signature.split(',')
    const given = Buffer.from(text, 'base64')
    return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected)
  })
}
