import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { AuthError } from '../core/errors.ts'
import type { Circumstances, Contract, WireReply } from './contract.ts'
import { chooseResident, layOut, type Site } from './site.ts'
import { TransportError } from './transport-error.ts'
import { pathOf, readAsBytes } from './wire-request.ts'

/**
 * Mounts the contracts on an app: each at its documented paths and under `/<name>/…`. Whatever is refused, by a door,
 * by core or by Fastify itself, is answered in the voice of the contract whose path it is.
 *
 * @param options.fallback the contract that answers where none recognises the request, or no path is known.
 * @param options.isOverloaded whether requests that cost much must be refused now.
 * @returns what is mounted where, for the start banner.
 * @throws {Error} when two contracts have one path and do not both say how they recognise their requests.
 */
export function mount(
  app: FastifyInstance,
  contracts: readonly Contract[],
  { fallback, isOverloaded }: { fallback: string; isOverloaded: () => boolean },
): readonly Site[] {
  const map = layOut(contracts, fallback)

  const toWireRequest = readAsBytes(app)

  // Before the body is read, and so before it can show which of the residents is meant: the first answers for all.
  app.addHook('onRequest', (request, reply, done) => {
    const site = request.method === 'POST' && isOverloaded() ? map.find(pathOf(request)) : null
    if (site === null || !site.residents.some(({ path }) => path.hashes)) {
      done()
      return
    }
    const [{ contract, path }] = site.residents
    const circumstances = { request: toWireRequest(request, contract.name), methods: path.methods }
    send(reply, refuse(contract, new AuthError('overloaded', { retryAfter: RETRY_AFTER }), circumstances, request))
  })

  for (const site of map.sites) {
    app.route({
      method: [...app.supportedMethods],
      url: site.path,
      exposeHeadRoute: false,
      handler: async (request, reply) => send(reply, await answer(site, request, toWireRequest)),
    })
  }

  // Also where paths in other letters, and methods that Fastify has no route for, arrive.
  app.setNotFoundHandler(async (request, reply) => {
    const path = pathOf(request)
    const site = map.find(path)
    if (site !== null) return send(reply, await answer(site, request, toWireRequest))
    const contract = map.voiceOf(path)
    const circumstances = { request: toWireRequest(request, contract.name), methods: [] }
    return send(reply, refuse(contract, new TransportError('not_found'), circumstances, request))
  })

  app.setErrorHandler(async (error: FastifyError, request, reply) => {
    const path = pathOf(request)
    const [resident] = map.find(path)?.residents ?? []
    const contract = resident?.contract ?? map.voiceOf(path)
    const circumstances = { request: toWireRequest(request, contract.name), methods: resident?.path.methods ?? [] }
    return send(reply, refuse(contract, toTransportError(error), circumstances, request))
  })

  return map.sites
}

/** When a client that was refused for overload may come back, in seconds: a queue of passwords is worked off in two. */
const RETRY_AFTER = 2

/** What a fault is logged with. */
type Logged = Pick<FastifyRequest, 'log' | 'id'>

async function answer(
  site: Site,
  request: FastifyRequest,
  toWireRequest: ReturnType<typeof readAsBytes>,
): Promise<WireReply> {
  const [first] = site.residents
  const asked = toWireRequest(request, first.contract.name)
  const { resident, isAmbiguous } = await chooseResident(site, asked)
  const wire = resident === first ? asked : toWireRequest(request, resident.contract.name)
  try {
    if (isAmbiguous) throw new TransportError('ambiguous_request')
    return await resident.path.answer(wire)
  } catch (error) {
    const circumstances = { request: wire, methods: resident.path.methods }
    return refuse(resident.contract, error, circumstances, request)
  }
}

/** Fastify's own refusals, in our words. Anything else is a fault. */
function toTransportError(error: FastifyError | TransportError): unknown {
  if (error instanceof TransportError) return error
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new TransportError('body_too_large', { cause: error })
  if (error.statusCode === 400) return new TransportError('malformed_body', { detail: 'incomplete body', cause: error })
  return error
}

/** Words an error in a contract's voice. What nobody expected is logged here, once, and told as a fixed text. */
function refuse({ errors }: Contract, error: unknown, circumstances: Circumstances, { log, id }: Logged): WireReply {
  if (error instanceof AuthError) {
    if (error.code === 'overloaded') log.warn({ reqId: id, err: error.cause ?? error }, 'answered 503: try again later')
    return errors[error.code](error, circumstances)
  }
  if (error instanceof TransportError) return errors[error.code](error, circumstances)
  log.error({ reqId: id, err: error }, 'an unexpected error was answered with 500')
  return errors.server_error(new TransportError('server_error', { cause: error }), circumstances)
}

/**
 * Writes a reply. It is serialised here, because Fastify would add a charset to the content type, and clients compare
 * that whole.
 */
function send(reply: FastifyReply, { status, headers, body }: WireReply): FastifyReply {
  const vary = reply.getHeader('vary')
  if (headers !== undefined) reply.headers(headers)
  if (vary !== undefined && headers?.vary !== undefined) reply.header('vary', `${vary}, ${headers.vary}`)
  reply.code(status)
  return body === undefined ? reply.send() : reply.serializer(asIs).send(JSON.stringify(body))
}

function asIs(text: string): string {
  return text
}
