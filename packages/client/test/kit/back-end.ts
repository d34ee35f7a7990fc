import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A back end of somebody's, or what stands in the place of a Latchkey that a real one cannot be told to be. */
export type BackEnd = {
  readonly url: string
  /** What came: `GET /things Bearer abc`, with a `-` for no Authorization. */
  readonly seen: string[]
  close(): Promise<void>
}

export async function startBackEnd(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<BackEnd> {
  const seen: string[] = []
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers.authorization ?? '-'}`)
    request.resume()
    answer(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    async close() {
      if (!server.listening) return
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
