import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'

/**
 * Lets somebody see every request before those who have listened so far; they get what is passed on.
 *
 * @param see answers the request, or calls `pass`, at once or later.
 */
export function goFirst(
  server: Server,
  see: (request: IncomingMessage, response: ServerResponse, pass: () => void) => void,
): void {
  const others = server.listeners('request') as RequestListener[]
  server.removeAllListeners('request')
  server.on('request', (request, response) => {
    see(request, response, () => {
      for (const listen of others) listen.call(server, request, response)
    })
  })
}
