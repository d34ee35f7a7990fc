import { once } from 'node:events'
import { Agent, request as httpRequest } from 'node:http'

/** One connection to a server, over which one request after another is made: all reach the same process. */
export type KeptConnection = {
  ask(request: {
    method?: string
    path: string
    token?: string
    json?: unknown
  }): Promise<{ status: number; json: unknown }>
  close(): void
}

/** Makes a connection to a port of loopback. It is open, and accepted, once something was asked. */
export function openConnection(port: number): KeptConnection {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  return {
    async ask({ method = 'POST', path, token, json }) {
      const headers: Record<string, string> = {}
      if (json !== undefined) headers['content-type'] = 'application/json'
      if (token !== undefined) headers.authorization = `Bearer ${token}`
      const outgoing = httpRequest({ host: '127.0.0.1', port, method, path, agent, headers })
      outgoing.end(json === undefined ? undefined : JSON.stringify(json))
      const [incoming] = await once(outgoing, 'response')
      let text = ''
      incoming.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      await once(incoming, 'end')
      return { status: Number(incoming.statusCode), json: text === '' ? null : JSON.parse(text) }
    },
    close: () => agent.destroy(),
  }
}
