import type { FastifyInstance } from 'fastify'

const ALLOWED_METHODS = 'GET, POST, PUT, PATCH, DELETE, OPTIONS'
const ALLOWED_HEADERS = 'Authorization, Content-Type, Accept, X-CSRFToken, X-Requested-With'
const EXPOSED_HEADERS = 'Retry-After, WWW-Authenticate'
/** How long a browser may remember a preflight, in seconds. */
const MAX_AGE = 600

/**
 * Lets the named origins read answers (Fetch, 3.2), on errors too, and nobody else. Credentials are never allowed: no
 * contract reads cookies.
 */
export function allowOrigins(app: FastifyInstance, origins: readonly string[]): void {
  if (origins.length === 0) return
  const allowed = new Set(origins)
  app.addHook('onRequest', async (request, reply) => {
    reply.header('vary', 'Origin')
    const { origin } = request.headers
    if (origin === undefined || !allowed.has(origin)) return
    reply.header('access-control-allow-origin', origin)
    reply.header('access-control-expose-headers', EXPOSED_HEADERS)
    if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) return
    reply.header('access-control-allow-methods', ALLOWED_METHODS)
    reply.header('access-control-allow-headers', ALLOWED_HEADERS)
    reply.header('access-control-max-age', MAX_AGE)
    await reply.code(204).send()
  })
}
