import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

const STATUS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
}

/**
 * Answers what never became a request: bytes that are not HTTP, headers that are too large or too slow. No door can be
 * asked for its voice, because there is no path yet.
 */
export function answerClientError(
  error: NodeJS.ErrnoException,
  socket: Socket,
  headers: Readonly<Record<string, string>>,
): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const status = STATUS[error.code ?? ''] ?? '400 Bad Request'
  const body = JSON.stringify({ detail: `${status.slice(4)}.` })
  const lines = Object.entries({
    ...headers,
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  }).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.end(`HTTP/1.1 ${status}\r\n${lines.join('')}\r\n${body}`)
}

/**
 * Refuses what Node would refuse by itself without our headers: a request without `Host` (RFC 9112, 3.2; the server is
 * told not to ask for it) and one that expects what nobody here does (RFC 9110, 10.1.1).
 */
export function refuseOddRequests(app: FastifyInstance, headers: Readonly<Record<string, string>>): void {
  const bodyOf = (words: string) => JSON.stringify({ detail: `${words}.` })
  app.addHook('onRequest', ({ raw }, reply, done) => {
    if (raw.headers.host !== undefined || raw.httpVersion !== '1.1') {
      done()
      return
    }
    reply.headers({ 'content-type': 'application/json', connection: 'close' })
    reply.code(400).send(Buffer.from(bodyOf('Bad Request')))
  })
  app.server.on('checkExpectation', (_request, response) => {
    const body = bodyOf('Expectation Failed')
    response.writeHead(417, { ...headers, 'content-type': 'application/json', connection: 'close' }).end(body)
  })
}
