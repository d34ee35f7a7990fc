import type { FastifyInstance } from 'fastify'
import { pathOf } from './wire-request.ts'

const ALLOWED_METHODS = 'GET, POST, PUT, PATCH, DELETE, OPTIONS'
const ALLOWED_HEADERS = 'Authorization, Content-Type, Accept, X-CSRFToken, X-Requested-With'
const EXPOSED_HEADERS = 'Retry-After, WWW-Authenticate'
/** How long a browser may remember a preflight, in seconds. */
const MAX_AGE = 600

/**
 * Lets the named origins read answers (Fetch, 3.2), on errors too, and nobody else. Credentials are never allowed: no
 * contract reads cookies. Called before anything can refuse.
 */
export function allowOrigins(app: FastifyInstance, origins: readonly string[]): void {
  if (origins.length === 0) return
  const allowed = new Set(origins)
  app.addHook('onRequest', ({ headers: { origin } }, reply, done) => {
    reply.header('vary', 'Origin')
    if (origin !== undefined && allowed.has(origin)) {
      reply.headers({ 'access-control-allow-origin': origin, 'access-control-expose-headers': EXPOSED_HEADERS })
    }
    done()
  })
}

/**
 * Answers the preflights of the origins that were let in. Called after what refuses.
 *
 * @param options.except paths at which proxies ask, and no page: there a 204 would be leave to go on.
 */
export function answerPreflights(
  app: FastifyInstance,
  origins: readonly string[],
  { except }: { except: (path: string) => boolean },
): void {
  if (origins.length === 0) return
  app.addHook('onRequest', ({ method, headers, url }, reply, done) => {
    const isLetIn = reply.hasHeader('access-control-allow-origin')
    const isPreflight = method === 'OPTIONS' && headers['access-control-request-method'] !== undefined
    if (!isLetIn || !isPreflight || except(pathOf({ url }))) {
      done()
      return
    }
    reply.headers({
      'access-control-allow-methods': ALLOWED_METHODS,
      'access-control-allow-headers': ALLOWED_HEADERS,
      'access-control-max-age': MAX_AGE,
    })
    reply.code(204).send()
  })
}
