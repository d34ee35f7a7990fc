import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Contract, WireReply } from './contract.ts'
import { createRefusals } from './refusals.ts'
import { chooseResident, layOut, type Site } from './site.ts'
import { TransportError } from './transport-error.ts'
import { pathOf, readAsBytes } from './wire-request.ts'

/**
 * Mounts the contracts on an app: each at its documented paths and under `/<name>/…`. Whatever is refused, by a door,
 * by core or by Fastify itself, is answered in the voice of the contract whose path it is.
 *
 * @param options.fallback the contract that answers where none recognises the request, or no path is known.
 * @param options.isOverloaded whether requests that cost much must be refused now, with so many of them whole, admitted
 *   and not yet answered: those may not have come to the hasher yet, and it does not know of them.
 * @returns what is mounted where, for the start banner.
 * @throws {Error} when two contracts have one path and do not both say how they recognise their requests.
 */
export function mount(
  app: FastifyInstance,
  contracts: readonly Contract[],
  { fallback, isOverloaded }: { fallback: string; isOverloaded: (admitted: number) => boolean },
): readonly Site[] {
  const map = layOut(contracts, fallback)

  const toWireRequest = readAsBytes(app)
  const { refuse, shed } = createRefusals(app.log)

  /** How many requests whose body is there wait for a password to be hashed, or are on their way to the hasher. */
  let admitted = 0
  // Before the body is read, and so before it can show which of the residents is meant: the first answers for all.
  app.addHook('onRequest', (request, reply, done) => {
    const site = request.method === 'POST' ? map.find(pathOf(request)) : null
    if (site === null || !site.residents.some(({ path }) => path.hashes) || !isOverloaded(admitted)) {
      done()
      return
    }
    const [{ contract, path }] = site.residents
    const circumstances = { request: toWireRequest(request, contract.name), methods: path.methods }
    send(reply, shed(contract, circumstances))
  })

  for (const site of map.sites) {
    app.route({
      method: [...app.supportedMethods],
      url: site.path,
      exposeHeadRoute: false,
      handler: async (request, reply) => send(reply, await answer(site, request)),
    })
  }

  // Also where paths in other letters, and methods that Fastify has no route for, arrive.
  app.setNotFoundHandler(async (request, reply) => {
    const path = pathOf(request)
    const site = map.find(path)
    if (site !== null) return send(reply, await answer(site, request))
    const contract = map.voiceOf(path)
    const circumstances = { request: toWireRequest(request, contract.name), methods: [] }
    return send(reply, refuse(contract, new TransportError('not_found'), circumstances))
  })

  app.setErrorHandler(async (error: FastifyError, request, reply) => {
    const path = pathOf(request)
    const [resident] = map.find(path)?.residents ?? []
    const contract = resident?.contract ?? map.voiceOf(path)
    const circumstances = { request: toWireRequest(request, contract.name), methods: resident?.path.methods ?? [] }
    return send(reply, refuse(contract, toTransportError(error), circumstances))
  })

  return map.sites

  async function answer(site: Site, request: FastifyRequest): Promise<WireReply> {
    const [first] = site.residents
    const asked = toWireRequest(request, first.contract.name)
    const { resident, isAmbiguous } = await chooseResident(site, asked)
    const wire = resident === first ? asked : toWireRequest(request, resident.contract.name)
    const circumstances = { request: wire, methods: resident.path.methods }
    const weight = wire.method === 'POST' && resident.path.hashes === true ? 1 : 0
    // Asked again, as many bodies may have ended at once; and counted only now: whoever sends headers and no more would
    // take the place of those who do.
    if (weight > 0 && isOverloaded(admitted)) return shed(resident.contract, circumstances)
    admitted += weight
    try {
      if (isAmbiguous) throw new TransportError('ambiguous_request')
      return await resident.path.answer(wire)
    } catch (error) {
      return refuse(resident.contract, error, circumstances)
    } finally {
      admitted -= weight
    }
  }
}

/** Fastify's own refusals, in our words. Anything else is a fault. */
function toTransportError(error: FastifyError | TransportError): unknown {
  if (error instanceof TransportError) return error
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new TransportError('body_too_large', { cause: error })
  if (error.statusCode === 400) return new TransportError('malformed_body', { detail: 'incomplete body', cause: error })
  return error
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
