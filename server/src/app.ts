import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import { api } from './api/api.ts'
import type { Config } from './config/config.ts'
import { CONTRACTS } from './contracts/index.ts'
import type { Core } from './core/core.ts'
import { answerClientError, refuseOddRequests } from './http/client-error.ts'
import { allowOrigins } from './http/cors.ts'
import { mountHealth } from './http/health.ts'
import { mount } from './http/mount.ts'
import { securityHeaders } from './http/security-headers.ts'
import type { Site } from './http/site.ts'
import { watchForwardedHeaders } from './http/trusted-proxies.ts'
import { BODY_LIMIT } from './http/wire-request.ts'

/** What the app needs besides core. */
export type AppOptions = {
  readonly config: Config
  readonly log: FastifyBaseLogger
  readonly now: () => number
  readonly ping: () => Promise<void>
  readonly isDraining: () => boolean
  /** Is told the address of a peer that is no trusted proxy and sends forwarded headers. */
  readonly onForwardedHeader: (peer: string) => void
}

/** The whole HTTP side: every contract that is served, `/v1`, health, and the frame around them. */
export function createApp(core: Core, options: AppOptions): { app: FastifyInstance; sites: readonly Site[] } {
  const { config } = options
  const contracts = config.contracts.map((name) => {
    const create = CONTRACTS[name]
    if (create === undefined) throw new Error(`There is no contract ${name}.`)
    return create(core, config)
  })
  const headers = securityHeaders({ isSecure: config.publicUrl.startsWith('https:') })

  const app = Fastify({
    loggerInstance: options.log,
    // Request ids are logged where something is: a child log for each request would cost a tenth of its time.
    childLoggerFactory: (log) => log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT,
    trustProxy: config.trustedProxies.length === 0 ? false : [...config.trustedProxies],
    routerOptions: { ignoreTrailingSlash: true },
    http: {
      maxHeaderSize: 16 * 1024,
      headersTimeout: 10_000,
      connectionsCheckingInterval: 5_000,
      // Node would refuse without our headers; `refuseOddRequests` does it with them.
      requireHostHeader: false,
    },
    requestTimeout: 15_000,
    forceCloseConnections: 'idle',
    // While draining, a request on an open connection is still answered in its contract's shape.
    return503OnClosing: false,
    clientErrorHandler: (error, socket) => answerClientError(error, socket, headers),
    // Taken literally, a path that cannot be decoded is a path that is not there, in the voice of its neighbours.
    rewriteUrl: ({ url = '/' }) => (isDecodable(url) ? url : url.replaceAll('%', '%25')),
  })
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(headers)
    done()
  })
  refuseOddRequests(app, headers)
  watchForwardedHeaders(app, { trusted: config.trustedProxies, now: options.now, tell: options.onForwardedHeader })
  allowOrigins(app, config.corsOrigins)
  mountHealth(app, options)
  const sites = mount(app, [...contracts, api(core)], config.sharedPathsDefault)
  return { app, sites }
}

function isDecodable(url: string): boolean {
  if (!url.includes('%')) return true
  try {
    decodeURIComponent(url)
    return true
  } catch {
    return false
  }
}
