import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Config } from '../config/config.ts'
import { hasTag, tagOf } from '../http/cacheable.ts'

/** Something that is written once, at the first request for it, and is the same as long as the server runs. */
type Resource = { readonly type: string; readonly plain: Encoded; readonly gzip: Encoded }
type Encoded = { readonly bytes: Buffer; readonly etag: string }

const compress = promisify(gzip)

/**
 * What the page may do: look as its own style says, show its own icon, and nothing else. It has no scripts. Everything
 * else keeps the header that every answer has.
 */
const PAGE_POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/**
 * `GET /openapi.json`, and `GET /docs` for people, with its style and its icon. Nothing of it is loaded, or takes memory,
 * before somebody asks.
 */
export function mountReference(app: FastifyInstance, config: Config): void {
  const loadDocument = once(async () => (await import('./describe-service.ts')).describeService(config))

  serve('/openapi.json', 'application/json', async () => JSON.stringify(await loadDocument()))
  serve('/docs', 'text/html; charset=utf-8', async () => {
    const { writePage } = await import('./page/write-page.ts')
    return writePage(await loadDocument())
  })
  serve('/docs/style.css', 'text/css; charset=utf-8', async () => (await import('./page/assets.ts')).STYLE)
  serve('/docs/icon.svg', 'image/svg+xml', async () => (await import('./page/assets.ts')).ICON)

  function serve(path: string, type: string, write: () => Promise<string>): void {
    const load = once(async (): Promise<Resource> => {
      const text = await write()
      const plain = Buffer.from(text)
      // Two encodings are two things (RFC 9110, 8.8.3.3).
      const gzip = { bytes: await compress(plain), etag: tagOf(`${text} gzip`) }
      return { type, plain: { bytes: plain, etag: tagOf(text) }, gzip }
    })
    app.get(path, async (request, reply) => answer(request, reply, await load()))
  }
}

/** Asked again, clients need not fetch what they have (RFC 9110, 13.1.2); a new version is seen at once. */
function answer(request: FastifyRequest, reply: FastifyReply, { type, plain, gzip }: Resource): FastifyReply {
  const isGzip = takesGzip(request)
  const { bytes, etag } = isGzip ? gzip : plain
  const vary = reply.getHeader('vary')
  reply.header('vary', vary === undefined ? 'Accept-Encoding' : `${vary}, Accept-Encoding`)
  reply.header('etag', etag).header('cache-control', 'no-cache')
  if (type.startsWith('text/html')) reply.header('content-security-policy', PAGE_POLICY)
  if (hasTag(request, etag)) return reply.code(304).send()
  if (isGzip) reply.header('content-encoding', 'gzip')
  return reply.type(type).send(bytes)
}

function takesGzip({ headers }: FastifyRequest): boolean {
  const codings = String(headers['accept-encoding'] ?? '').split(',')
  return codings.some((coding) => /^\s*gzip\s*(;\s*q=(1|0\.0*[1-9]).*)?$/i.test(coding))
}

/** Does something at the first call, and gives its outcome at every one. What failed is tried again. */
function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | null = null
  return () => {
    made ??= make().catch((error: unknown) => {
      made = null
      throw error
    })
    return made
  }
}
