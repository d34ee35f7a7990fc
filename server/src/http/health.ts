import type { FastifyInstance } from 'fastify'

/**
 * `GET /healthz`: the process answers. `GET /readyz`: it should be sent requests, because the database answers and it is
 * not draining.
 */
export function mountHealth(
  app: FastifyInstance,
  { isDraining, ping }: { isDraining: () => boolean; ping: () => Promise<void> },
): void {
  app.get('/healthz', async (_request, reply) => reply.type('application/json').send('{"status":"ok"}'))

  app.get('/readyz', async (request, reply) => {
    reply.type('application/json')
    if (isDraining()) return reply.code(503).header('retry-after', '5').send('{"status":"draining"}')
    try {
      await ping()
      return reply.send('{"status":"ready"}')
    } catch (error) {
      request.log.warn({ err: error }, 'not ready: the database does not answer')
      return reply.code(503).header('retry-after', '5').send('{"status":"database unavailable"}')
    }
  })
}
