import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** The one address that a front end knows, behind which servers come and go. */
export type Relay = {
  readonly url: string
  /** Takes effect with the next request. */
  point(target: string): void
  close(): Promise<void>
}

/** Starts it on a free port of loopback. */
export async function startRelay(target: string): Promise<Relay> {
  const current = { target }
  const server = createServer((incoming, outgoing) => forward(current.target, incoming, outgoing))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // A test that fails before it closes it must not wait for it.
  server.unref()
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    point: (next) => {
      current.target = next
    },
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

function forward(target: string, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const { method, headers, url: path } = incoming
  const onward = request(target, { method, headers, agent: false, path }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(outgoing)
  })
  onward.on('error', () => outgoing.writeHead(502).end())
  incoming.pipe(onward)
}
