import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Contract, Path, WireReply } from './contract.ts'
import { goFirst } from './go-first.ts'
import { isOdd } from './odd-requests.ts'
import { BODY_LIMIT } from './wire-request.ts'

const NO_BODY = Buffer.alloc(0)
const FORM = 'application/x-www-form-urlencoded'

/** An answer as it goes out: names and values of headers in turn. */
type Written = { readonly headers: readonly string[]; readonly body: Buffer }

/**
 * Answers what is asked most, and known already, without anything between Node and the door: a service that has a token
 * checked on each of its requests waits for this. Only plain requests are taken, and only where a door has its answer at
 * hand (`Path.answerNow`). Everything else goes the ordinary way, and is answered there with the very same bytes.
 *
 * @param options.headers what every answer carries.
 */
export function openFastLane(
  server: Server,
  contracts: readonly Contract[],
  { headers }: { headers: Readonly<Record<string, string>> },
): void {
  const paths = new Map<string, Path>()
  for (const path of contracts.flatMap((contract) => contract.paths)) {
    if (path.answerNow === undefined) continue
    paths.set(path.path, path)
    paths.set(`${path.path}/`, path)
  }
  const common = Object.entries(headers).flat()
  /** Doors give the same reply as long as it is true: it is written once. */
  const written = new WeakMap<WireReply, Written>()

  function write(reply: WireReply): Written {
    const known = written.get(reply)
    if (known !== undefined) return known
    const body = reply.body === undefined ? NO_BODY : Buffer.from(JSON.stringify(reply.body))
    const own = Object.entries(reply.headers ?? {}).flat()
    const made = { headers: [...common, ...own, 'content-length', String(body.length)], body }
    written.set(reply, made)
    return made
  }

  goFirst(server, (request, response, pass) => {
    const { path, query } = splitTarget(request.url ?? '')
    const site = paths.get(path)
    // Once the server closes, Fastify tells each connection that is still open that it ends.
    if (site === undefined || !server.listening || !isPlain(request, response)) {
      pass()
      return
    }
    const answer = (body: Buffer): boolean => {
      const { method = '', headers } = request
      const reply = site.answerNow?.({ method, path, query, headers, body }) ?? null
      if (reply === null) return false
      const { headers: lines, body: bytes } = write(reply)
      response.writeHead(reply.status, [...lines])
      response.end(bytes)
      return true
    }
    if (request.method === 'GET') {
      if (!answer(NO_BODY)) pass()
    } else peek(request, answer, pass)
  })
}

/**
 * Whether a request is as most are: one that nothing has to be said about but the answer. It comes from no page of
 * another origin, waits for no answer before its own, and has no body, or a short form.
 */
function isPlain(request: IncomingMessage, response: ServerResponse): boolean {
  const { method, headers } = request
  // Node gives an answer its socket when those before it are written.
  if (response.socket === null || isOdd(request)) return false
  if (headers.origin !== undefined || headers.expect !== undefined || headers['transfer-encoding'] !== undefined) {
    return false
  }
  const length = headers['content-length']
  if (method === 'GET') return length === undefined
  return (
    method === 'POST' &&
    length !== undefined &&
    Number(length) <= BODY_LIMIT &&
    headers['content-type'] === FORM &&
    headers['content-encoding'] === undefined
  )
}

/** Looks at a body that has come whole, and puts it back if nobody answers it. */
function peek(request: IncomingMessage, answer: (body: Buffer) => boolean, pass: () => void): void {
  const length = Number(request.headers['content-length'])
  if (length === 0) {
    pass()
    return
  }
  request.once('readable', () => {
    // Nothing, as long as it is not all there.
    const body: Buffer | null = request.read(length)
    if (body !== null && answer(body)) return
    if (body !== null) request.unshift(body)
    pass()
  })
}

function splitTarget(target: string): { path: string; query: string } {
  const start = target.indexOf('?')
  return start === -1 ? { path: target, query: '' } : { path: target.slice(0, start), query: target.slice(start + 1) }
}
