import cluster from 'node:cluster'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { doTasks } from './do-tasks.ts'
import type { Reply } from './start-child.ts'

/**
 * The answer to give to everything: names and values of headers in turn, as they shall go out; from so many processes on
 * one port.
 */
export type BareTask = { readonly headers: readonly string[]; readonly body: string; readonly workers: number }
export type BareResult = { readonly port: number }

/** Node's own HTTP server and nothing on it. A body is read before the answer, as any server must. */
async function answerBare({ headers, body }: BareTask): Promise<BareResult> {
  const flat = [...headers]
  const bytes = Buffer.from(body)
  // As Fastify has it: it stands in the header Keep-Alive.
  const server = createServer({ keepAliveTimeout: 72_000 }, (request, response) => {
    const answer = () => {
      response.writeHead(200, flat)
      response.end(bytes)
    }
    if (request.method === 'POST') request.on('end', answer).resume()
    else answer()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return { port: typeof address === 'object' && address !== null ? address.port : 0 }
}

/** Shares a port among workers, as `latchkey serve --workers` does. */
async function answerTogether(task: BareTask): Promise<BareResult> {
  const replies = Array.from({ length: task.workers }, async () => {
    const worker = cluster.fork()
    worker.send(task)
    const [reply] = (await once(worker, 'message')) as [Reply<BareResult>]
    if ('error' in reply) throw new Error(reply.error)
    return reply.result
  })
  const [result] = await Promise.all(replies)
  if (result === undefined) throw new Error('There is no worker.')
  return result
}

doTasks((task: BareTask) => (cluster.isPrimary && task.workers > 1 ? answerTogether(task) : answerBare(task)))
