import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, it } from 'node:test'
import { type Answer, exchange, type WireRequest } from './exchange.ts'
import { readTarget } from './read-target.ts'

const ASKED: WireRequest = { method: 'POST', path: '/a?b=c', headers: { Host: 'elsewhere', 'x-own': 'yes' }, body: 'é' }

describe('an exchange with a server', () => {
  it('sends path, headers and bytes as they are, to the host of its target, below its path', async () => {
    const seen: { url?: string | undefined; headers?: IncomingMessage['headers']; body?: string } = {}
    const answer = await ask('/base/', (request, response) => {
      Object.assign(seen, { url: request.url, headers: request.headers })
      request.on('data', (chunk) => Object.assign(seen, { body: String(chunk) }))
      request.on('end', () => response.writeHead(201, { 'set-cookie': ['a=b; Path=/', 'c=d'] }).end('{"ok":true}'))
    })
    assert.equal(seen.url, '/base/a?b=c')
    assert.equal(seen.headers?.['content-length'], '2')
    assert.equal(seen.headers?.['x-own'], 'yes')
    assert.match(seen.headers?.host ?? '', /^127\.0\.0\.1:/)
    assert.equal(seen.body, 'é')
    assert.deepEqual([answer.status, answer.json, answer.cookies], [201, { ok: true }, ['a=b', 'c=d']])
  })

  for (const { name, listener, says } of [
    { name: 'is silent', listener: () => {}, says: /^no whole answer within 0\.2 s$/ },
    {
      name: 'does not come to an end',
      listener: (_request: IncomingMessage, response: ServerResponse) => response.write('{'),
      says: /^no whole answer within 0\.2 s$/,
    },
    {
      name: 'hangs up',
      listener: (request: IncomingMessage) => request.destroy(),
      says: /^the connection was closed without an answer/,
    },
    {
      name: 'changes the protocol',
      listener: (_request: IncomingMessage, response: ServerResponse) =>
        response.socket?.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'),
      says: /^the connection was closed without an answer$/,
    },
    {
      name: 'speaks something else',
      listener: (_request: IncomingMessage, response: ServerResponse) => response.socket?.end('SSH-2.0-x\r\n\r\n'),
      says: /^what it answered is no HTTP \(HPE_/,
    },
    {
      name: 'says more than any login',
      listener: (_request: IncomingMessage, response: ServerResponse) => response.end('x'.repeat(1_100_000)),
      says: /^the answer is longer than 1 MB$/,
    },
  ]) {
    it(`ends in one sentence when the server ${name}`, async () => {
      const patience = /no whole/.test(says.source) ? 200 : 60_000
      await assert.rejects(ask('/', listener, patience), (error) => error instanceof Error && says.test(error.message))
    })
  }

  it('cannot be had with what is no request', async () => {
    const target = readTarget('http://127.0.0.1:9', { headers: {}, patience: 60_000 })
    await assert.rejects(exchange(target, { ...ASKED, path: '/a b' }), /characters that no request may have/)
    await assert.rejects(exchange(target, { ...ASKED, headers: { x: 'a\nb' } }), /cannot be written like that/)
    await assert.rejects(exchange(target, { ...ASKED, method: 'G ET' }), /cannot be written like that/)
  })
})

async function ask(
  path: string,
  listener: (request: IncomingMessage, response: ServerResponse) => unknown,
  patience = 60_000,
): Promise<Answer> {
  const server = createServer((request, response) => void listener(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    const { port } = server.address() as AddressInfo
    return await exchange(readTarget(`http://127.0.0.1:${port}${path}`, { headers: {}, patience }), ASKED)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}
