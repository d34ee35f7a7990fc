import { once } from 'node:events'
import { createServer } from 'node:http'
import { doTasks } from './do-tasks.ts'

/** The answer to give to everything: names and values of headers in turn, as they shall go out. */
export type BareTask = { readonly headers: readonly string[]; readonly body: string }
export type BareResult = { readonly port: number }

/** Node's own HTTP server and nothing on it. */
async function answerBare({ headers, body }: BareTask): Promise<BareResult> {
  const flat = [...headers]
  const bytes = Buffer.from(body)
  // As Fastify has it: it stands in the header Keep-Alive.
  const server = createServer({ keepAliveTimeout: 72_000 }, (_request, response) => {
    response.writeHead(200, flat)
    response.end(bytes)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return { port: typeof address === 'object' && address !== null ? address.port : 0 }
}

doTasks(answerBare)
