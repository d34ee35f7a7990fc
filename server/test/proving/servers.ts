import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { LIGHT_HASHING } from '../kit/hashing.ts'
import { startPython } from '../kit/python.ts'
import { listen } from '../kit/raw-http.ts'
import { startTestApp as start, type TestApp, type TestOptions } from '../kit/start-test-app.ts'

/** A server to try, for as long as a test needs it. */
export type Tried = { readonly url: string; close(): Promise<void> }

/** A Latchkey on a port, without budgets unless they are asked for. */
export async function startLatchkey(options: TestOptions = {}): Promise<Tried & { readonly app: TestApp }> {
  const app = await start({ limits: null, ...options, config: { ...LIGHT_HASHING, ...options.config } })
  const port = await listen(app)
  return { app, url: `http://127.0.0.1:${port}`, close: () => app.close() }
}

/** The back ends whose answers were measured: each DRF contract under its own name, on real Django. It dies with the tests. */
export async function startDrf(): Promise<string> {
  const code = `import runpy; runpy.run_path(${JSON.stringify(join(import.meta.dirname, 'serve-drf.py'))})`
  const { line } = await startPython(code, {
    env: { DRF_STACK: join(import.meta.dirname, '../measured/drf-stack.py') },
  })
  return `http://127.0.0.1:${line}`
}

/** A request with its whole body, as a server of a test gets it. */
export type Asked = {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** A server that answers as a test says. */
export async function startServer(
  answer: (asked: Asked, response: ServerResponse) => void | Promise<void>,
): Promise<Tried & { readonly asked: Asked[] }> {
  const asked: Asked[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(Buffer.from(chunk))
    const { method = '', url = '', headers } = request
    const one = { method, path: url, headers, body: Buffer.concat(chunks).toString() }
    asked.push(one)
    await answer(one, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    asked,
    url: `http://127.0.0.1:${port}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

/** What stands between somebody and a server, and may change what comes back. */
export function startProxy(
  url: string,
  change: (asked: Asked, answer: { status: number; headers: Record<string, string>; body: string }) => void = () => {},
): Promise<Tried & { readonly asked: Asked[] }> {
  return startServer(async (asked, response) => {
    const sent = Object.entries(asked.headers).filter(([name]) => !/^(host|connection|content-length)$/.test(name))
    const hasBody = !/^(GET|HEAD)$/.test(asked.method)
    const reply = await fetch(`${url}${asked.path}`, {
      method: asked.method,
      headers: sent.map(([name, value]) => [name, String(value)]),
      redirect: 'manual',
      ...(hasBody ? { body: asked.body } : {}),
    })
    const headers = Object.fromEntries(
      [...reply.headers].filter(([name]) => !/^(connection|content-length|keep-alive|date)$/.test(name)),
    )
    const answer = { status: reply.status, headers, body: await reply.text() }
    change(asked, answer)
    response.writeHead(answer.status, answer.headers).end(answer.body)
  })
}

/** Words of a terminal of the usual width. */
export function findWideLines(text: string): string[] {
  return text.split('\n').filter((line) => [...line].length > 80)
}
