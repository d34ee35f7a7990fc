import type { FastifyInstance } from 'fastify'
import { atMostEvery } from './at-most-every.ts'

/** How often it is told that the database does not answer, in milliseconds: anybody may ask as often as they like. */
const PAUSE = 10_000

/**
 * `GET /healthz`: the process answers. `GET /readyz`: it should be sent requests, because the database answers and it is
 * not draining.
 */
export function mountHealth(
  app: FastifyInstance,
  { isDraining, ping }: { isDraining: () => boolean; ping: () => Promise<void> },
): void {
  const tellUnready = atMostEvery(PAUSE, (error: unknown, count) =>
    app.log.warn({ err: error, count }, 'not ready: the database does not answer'),
  )

  app.get('/healthz', async (_request, reply) => reply.type('application/json').send('{"status":"ok"}'))

  app.get('/readyz', async (_request, reply) => {
    reply.type('application/json')
    if (isDraining()) return reply.code(503).header('retry-after', '5').send('{"status":"draining"}')
    try {
      await ping()
      return reply.send('{"status":"ready"}')
    } catch (error) {
      tellUnready(error)
      return reply.code(503).header('retry-after', '5').send('{"status":"database unavailable"}')
    }
  })
}
