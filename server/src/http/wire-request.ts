import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { readClient } from './client.ts'
import type { WireRequest } from './contract.ts'

/** The largest body that any door reads, in bytes. */
export const BODY_LIMIT = 16 * 1024

const NO_BODY = Buffer.alloc(0)
const BYTES = 'application/octet-stream'

/**
 * Hands every body to the doors as bytes, whatever its type: what a type means, and what an unknown or unreadable one is
 * answered with, is each contract's manner. Fastify itself would refuse some before any door could see them.
 *
 * @returns what a door gets of a Fastify request; `contract` is the slug of the door.
 */
export function readAsBytes(app: FastifyInstance): (request: FastifyRequest, contract: string) => WireRequest {
  /** What clients sent, while Fastify is told that every body is bytes. */
  const sent = new WeakMap<IncomingMessage, { contentType: string | undefined; address: string }>()
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_LIMIT }, (_request, body, done) =>
    done(null, body),
  )
  app.addHook('onRequest', (request, _reply, done) => {
    const { raw } = request
    const { headers } = raw
    if (raw.method !== 'GET' && raw.method !== 'HEAD') {
      // The address is asked for now: a client that hangs up while it is answered has none any more.
      sent.set(raw, { contentType: headers['content-type'], address: addressOf(request) })
      headers['content-type'] = BYTES
    }
    done()
  })

  return (request, contract) => ({
    method: request.method,
    path: pathOf(request),
    query: queryOf(request),
    headers:
      request.headers['content-type'] === BYTES
        ? { ...request.headers, 'content-type': sent.get(request.raw)?.contentType }
        : request.headers,
    body: Buffer.isBuffer(request.body) ? request.body : NO_BODY,
    // Most requests never ask for it.
    get client() {
      const address = sent.get(request.raw)?.address ?? addressOf(request)
      return { ...readClient(address, request.headers['user-agent']), contract, requestId: request.id }
    },
  })
}

/** Empty for a client that is gone already: Fastify's type does not know of that. */
function addressOf({ ip }: { readonly ip: string | undefined }): string {
  return ip ?? ''
}

/** The path that was asked for, without its query. */
export function pathOf({ url }: Pick<FastifyRequest, 'url'>): string {
  const end = url.search(/[?#]/)
  return end === -1 ? url : url.slice(0, end)
}

function queryOf({ url }: Pick<FastifyRequest, 'url'>): string {
  const start = url.indexOf('?')
  if (start === -1) return ''
  const end = url.indexOf('#', start)
  return url.slice(start + 1, end === -1 ? undefined : end)
}
