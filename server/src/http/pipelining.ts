import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

/**
 * How many requests may wait on one connection for the answers before theirs. No browser and no proxy sends the next
 * request before it has its answer; a client that does gets this far. A single packet could hold thousands, each of which
 * would be worked on at once.
 */
export const PIPELINE_LIMIT = 32

/** Cuts a connection off on which more requests wait than any client of good will sends. */
export function limitPipelining(app: FastifyInstance): void {
  const waiting = new WeakMap<Socket, number>()
  app.addHook('onRequest', ({ raw: { socket } }, reply, done) => {
    // Node gives an answer its socket when those before it are written: who has it waits for nobody.
    if (reply.raw.socket !== null) {
      done()
      return
    }
    const count = (waiting.get(socket) ?? 0) + 1
    if (socket.destroyed || count > PIPELINE_LIMIT) {
      socket.destroy()
      reply.hijack()
      return
    }
    waiting.set(socket, count)
    reply.raw.once('close', () => waiting.set(socket, (waiting.get(socket) ?? 1) - 1))
    done()
  })
}
