import type { FastifyInstance, FastifyRequest } from 'fastify'

const FORWARDED_HEADERS = ['x-forwarded-for', 'forwarded', 'x-real-ip'] as const
/** How often the same warning is given, in milliseconds. */
const PAUSE = 60_000

/**
 * Tells somebody when a peer that is not a trusted proxy sends forwarded headers. They are ignored; but if that peer
 * *is* the operator's proxy, all its clients share one budget, and only the operator can say so.
 *
 * @param tell gets the peer's address, at most once a minute.
 */
export function watchForwardedHeaders(
  app: FastifyInstance,
  { isTrusted, now, tell }: { isTrusted: (peer: string) => boolean; now: () => number; tell: (peer: string) => void },
): void {
  let quietUntil = 0
  app.addHook('onRequest', (request, _reply, done) => {
    if (FORWARDED_HEADERS.some((name) => request.headers[name] !== undefined)) warn(request)
    done()
  })

  function warn(request: FastifyRequest): void {
    const peer = request.socket.remoteAddress ?? ''
    if (now() < quietUntil || isTrusted(peer)) return
    quietUntil = now() + PAUSE
    tell(peer)
  }
}
