import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { describe, it } from 'node:test'
import { assertFramed, withApp } from '../../test/kit/frame.ts'
import { readAnswers } from '../../test/kit/raw-http.ts'
import { startTestApp } from '../../test/kit/start-test-app.ts'
import { send } from '../../test/kit/wire.ts'

const CHECK = 'GET /v1/session HTTP/1.1\r\nHost: x\r\n\r\n'

describe('a slow client', () => {
  it('has 10 s for its headers, 15 s for its request and 30 s between two bytes', async () => {
    const { app, close } = await startTestApp()
    assert.equal(app.server.headersTimeout, 10_000)
    assert.equal(app.server.requestTimeout, 15_000)
    assert.equal(app.server.timeout, 30_000)
    assert.equal(app.server.keepAliveTimeout, 72_000)
    await close()
  })
})

describe('a client that is slower than it may be', () => {
  const served = withApp()

  /** The same app with less patience: how it looks after its limits, every five seconds, stays as it is. */
  function hurry(): void {
    Object.assign(served.test.app.server, { headersTimeout: 500, requestTimeout: 800, keepAliveTimeout: 200 })
  }

  it('is answered 408 and let go, whatever it is slow with, while others are served', { timeout: 30_000 }, async () => {
    hurry()
    const sockets = {
      'says nothing at all': drip(served.port, ''),
      'never ends its headers': drip(served.port, 'GET / HTTP/1.1\r\nHost: x\r\nX: ', 'x'),
      'never ends its body': drip(served.port, 'POST /login/ HTTP/1.1\r\nHost: x\r\nContent-Length: 999\r\n\r\n', ' '),
      'never ends its chunks': drip(
        served.port,
        'POST /login/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n',
        '1\r\nx\r\n',
      ),
      'is slow with its second request': drip(
        served.port,
        'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nX: ',
        'x',
      ),
    }
    const healthy = await send(served.test, { method: 'GET', path: '/healthz' })
    assert.equal(healthy.status, 200)
    for (const [how, ended] of Object.entries(sockets)) {
      const { answers } = readAnswers(await ended, { isHead: false })
      const last = answers.at(-1)
      assert.equal(last?.status, 408, how)
      if (last !== undefined) assertFramed(last, how)
    }
  })

  it('that only keeps its connection open is let go without a word', { timeout: 30_000 }, async () => {
    hurry()
    const bytes = await drip(served.port, 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n')
    const { answers, rest } = readAnswers(bytes, { isHead: false })
    assert.deepEqual([answers.map(({ status }) => status), rest], [[200], ''])
  })

  it('that does not read its answers is cut off, with what was kept for it', { timeout: 30_000 }, async () => {
    served.test.app.server.timeout = 500
    const { socket, peer } = await connectDeaf()
    // A few at a time, until the system takes no more for it: from then on, the server would have to keep the answers.
    while (!peer.destroyed && peer.writableLength === 0) {
      socket.write(CHECK.repeat(4))
      await once(served.test.app.server, 'request')
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    if (!peer.destroyed) await once(peer, 'close')
    assert.ok(peer.writableLength < 2 ** 20)
    socket.destroy()
  })

  it('that does not read and goes on asking is cut off at once', { timeout: 30_000 }, async () => {
    served.test.app.server.timeout = 600_000
    const { socket, peer } = await connectDeaf()
    for (let round = 0; round < 100_000 && !peer.destroyed; round++) {
      socket.write(CHECK.repeat(8))
      await new Promise((resolve) => setImmediate(resolve))
    }
    assert.ok(peer.destroyed)
    assert.ok(peer.writableLength < 2 ** 20)
    socket.destroy()
  })

  /** A connection whose answers nobody takes, and the server's end of it. */
  async function connectDeaf(): Promise<{ socket: Socket; peer: Socket }> {
    const accepted = once(served.test.app.server, 'connection')
    const socket = connect(served.port, '127.0.0.1')
    socket.on('error', () => {}).pause()
    const [peer] = await accepted
    return { socket, peer }
  }
})

/** Sends the beginning, then a piece every now and then, until the other side ends; gives what came back. */
async function drip(port: number, beginning: string, piece = ''): Promise<string> {
  const socket: Socket = connect(port, '127.0.0.1')
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => {})
  socket.write(beginning)
  const dripping = setInterval(() => piece !== '' && socket.writable && socket.write(piece), 50)
  await once(socket, 'close')
  clearInterval(dripping)
  return Buffer.concat(chunks).toString('latin1')
}
