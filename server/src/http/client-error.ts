import { METHODS } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { goFirst } from './go-first.ts'

const STATUS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Content Too Large',
}

/**
 * Answers what never became a request: bytes that are not HTTP, headers that are too large or too slow. No door can be
 * asked for its voice, because there is no path yet; nor is it known which origin asks, so no page may read it.
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
 * Refuses what Node reads although it is not among its own methods (`PRI`, with which HTTP/2 begins), before Fastify would
 * answer it with a fault of its own and without our headers. Every other method is for the doors to refuse.
 */
export function refuseStrangeMethods(app: FastifyInstance, headers: Readonly<Record<string, string>>): void {
  const known = new Set(METHODS)
  goFirst(app.server, (request, _response, pass) => {
    if (known.has(request.method ?? '')) pass()
    else answerClientError(new Error(`There is no method ${request.method}.`), request.socket, headers)
  })
}
