import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { TransportError } from './transport-error.ts'

/** The most header fields that are read. */
const HEADER_LIMIT = 100

/** What may not stand in a `Host` (RFC 9110, 7.2): it is never used, but two readers may not differ on it either. */
const NO_HOST = /[^\x21-\x7e]|[/?#@\\]/

/** Headers of which Node drops a second one, and others believe it. */
const SINGLE = ['host', 'authorization', 'content-type'] as const

type Single = (typeof SINGLE)[number]

/** What a request is refused with before its path is looked at. */
type Refusal = '400 Bad Request' | '417 Expectation Failed' | '431 Request Header Fields Too Large'

/**
 * Refuses what Node would refuse by itself without our headers, or would read in one of two ways: a request without
 * `Host` or with several (RFC 9112, 3.2), one that expects what nobody here does (RFC 9110, 10.1.1), too many headers, a
 * repeated header that can only be there once. Called once CORS is settled, so that pages can read it.
 */
export function refuseOddRequests(app: FastifyInstance): void {
  // One more than is read, so that it shows. What is more still, a newer Node refuses, and an older one drops.
  app.server.maxHeadersCount = HEADER_LIMIT + 1
  // Node would answer by itself. With a listener, the request takes the way of all others.
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response))
  app.addHook('onRequest', ({ raw }, reply, done) => {
    const repeated = findRepeated(raw)
    const refusal = findRefusal(raw, repeated)
    if (refusal === null) {
      done(repeated === null ? undefined : toTransportError(repeated))
      return
    }
    reply.headers({ 'content-type': 'application/json', connection: 'close' })
    reply.code(Number(refusal.slice(0, 3))).send(Buffer.from(JSON.stringify({ detail: `${refusal.slice(4)}.` })))
  })
}

/** Whether a request would be refused here. */
export function isOdd(request: IncomingMessage): boolean {
  const repeated = findRepeated(request)
  return repeated !== null || findRefusal(request, repeated) !== null
}

function findRefusal({ headers, rawHeaders, httpVersion }: IncomingMessage, repeated: Single | null): Refusal | null {
  if (rawHeaders.length > 2 * HEADER_LIMIT) return '431 Request Header Fields Too Large'
  const { host, expect } = headers
  const isHostOdd = host === undefined ? httpVersion === '1.1' : NO_HOST.test(host)
  if (isHostOdd || repeated === 'host') return '400 Bad Request'
  return expect === undefined || /^100-continue$/i.test(expect) ? null : '417 Expectation Failed'
}

/** The first of the headers that may be there once and is there twice. */
function findRepeated({ rawHeaders }: IncomingMessage): Single | null {
  let seen = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const sent = rawHeaders[index] ?? ''
    const which = SINGLE.findIndex((name) => name.length === sent.length && name === sent.toLowerCase())
    if (which === -1) continue
    if ((seen & (1 << which)) !== 0) return SINGLE[which] ?? null
    seen |= 1 << which
  }
  return null
}

function toTransportError(name: Single): TransportError {
  return name === 'authorization'
    ? new TransportError('malformed_authorization', { detail: 'too_many_parts' })
    : new TransportError('malformed_body', { detail: `${name} is there twice` })
}
