import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import { type ApiOptions, api } from './api/api.ts'
import { isForwardAuth } from './api/forward-auth.ts'
import type { Config } from './config/config.ts'
import { createRangeTest } from './config/read-addresses.ts'
import { CONTRACT_NAMES, CONTRACTS } from './contracts/index.ts'
import type { Core } from './core/core.ts'
import { answerClientError, refuseStrangeMethods } from './http/client-error.ts'
import { limitConnections, type RefusedConnections } from './http/connections.ts'
import { allowOrigins, answerPreflights } from './http/cors.ts'
import { createRequestIds } from './http/create-request-ids.ts'
import { openFastLane } from './http/fast-lane.ts'
import { mountHealth } from './http/health.ts'
import { mount } from './http/mount.ts'
import { refuseOddRequests } from './http/odd-requests.ts'
import { limitPipelining } from './http/pipelining.ts'
import { securityHeaders } from './http/security-headers.ts'
import { PARSING, PATIENCE } from './http/server-options.ts'
import type { Site } from './http/site.ts'
import { watchForwardedHeaders } from './http/trusted-proxies.ts'
import { BODY_LIMIT } from './http/wire-request.ts'
import { oauth } from './oauth/oauth.ts'
import { mountReference } from './openapi/mount-reference.ts'

/** What the app needs besides core. */
export type AppOptions = {
  readonly config: Config
  /** The `iss` of every token. */
  readonly issuer: string
  readonly log: FastifyBaseLogger
  readonly now: () => number
  readonly ping: () => Promise<void>
  readonly isDraining: () => boolean
  /** Whether passwords cannot be hashed now without keeping others waiting. */
  readonly isOverloaded: (admitted: number) => boolean
  /** Is told the address of a peer that is no trusted proxy and sends forwarded headers. */
  readonly onForwardedHeader: (peer: string) => void
  /** Is told, at most once a minute, of connections that were refused. */
  readonly onRefusedConnections: (refused: RefusedConnections) => void
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
    genReqId: createRequestIds(),
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT,
    trustProxy: config.trustedProxies.length === 0 ? false : [...config.trustedProxies],
    routerOptions: { ignoreTrailingSlash: true },
    http: PARSING,
    ...PATIENCE,
    forceCloseConnections: 'idle',
    // While draining, a request on an open connection is still answered in its contract's shape.
    return503OnClosing: false,
    clientErrorHandler: (error, socket) => answerClientError(error, socket, headers),
    rewriteUrl: ({ url = '/' }) => readTarget(url),
  })
  const isTrusted = createRangeTest(config.trustedProxies)
  const { now } = options
  limitConnections(app.server, {
    most: config.maxConnections,
    isExempt: isTrusted,
    now,
    tell: options.onRefusedConnections,
  })
  refuseStrangeMethods(app, headers)
  limitPipelining(app)
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(headers)
    done()
  })
  allowOrigins(app, config.corsOrigins)
  refuseOddRequests(app)
  answerPreflights(app, config.corsOrigins, { except: isForwardAuth })
  watchForwardedHeaders(app, { isTrusted, now, tell: options.onForwardedHeader })
  mountHealth(app, options)
  if (config.docs) mountReference(app, config)
  const { isOverloaded } = options
  const standards = oauth(core, { issuer: options.issuer, publicUrl: config.publicUrl })
  const doors = [...contracts, api(core, toApiOptions(config)), standards]
  const sites = mount(app, doors, { fallback: config.sharedPathsDefault, isOverloaded })
  const lines = config.corsOrigins.length === 0 ? headers : { ...headers, vary: 'Origin' }
  openFastLane(app.server, doors, { headers: lines })
  return { app, sites }
}

function toApiOptions({ v1AccessSeconds, v1RefreshSeconds }: Config): ApiOptions {
  return { accessSeconds: v1AccessSeconds, refreshSeconds: v1RefreshSeconds, contractNames: CONTRACT_NAMES }
}

/**
 * The path and query that a request asks for. Of a target with scheme and host (RFC 9112, 3.2.2) these are dropped: where
 * a client says it is has no meaning here. Taken literally, a path that cannot be decoded is a path that is not there, in
 * the voice of its neighbours.
 */
function readTarget(target: string): string {
  const [origin = ''] = /^https?:\/\/[^/?#]*/i.exec(target) ?? []
  const rest = target.slice(origin.length)
  const url = origin === '' || rest.startsWith('/') ? rest : `/${rest}`
  return isDecodable(url) ? url : url.replaceAll('%', '%25')
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
