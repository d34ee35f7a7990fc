import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { after, before, describe, it } from 'node:test'
import { limitConnections, type RefusedConnections } from './connections.ts'

describe('connections', () => {
  let server: Server
  let time = 0
  let told: RefusedConnections[] = []
  before(async () => {
    server = createServer((_request, response) => response.end('ok'))
    limitConnections(server, {
      most: 30,
      isExempt: (peer) => /^(::ffff:)?192\.0\.2\./.test(peer),
      now: () => time,
      tell: (refused) => told.push(refused),
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  })
  after(() => server.close())

  /** A connection as if it came from there; `isOpen` as soon as the server has had it. */
  function arrive(peer: string): { isOpen: () => boolean; close: () => Promise<void> } {
    const socket = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() })
    Object.assign(socket, { remoteAddress: peer, setTimeout() {}, setNoDelay() {}, setKeepAlive() {} })
    socket.on('error', () => {})
    server.emit('connection', socket)
    return {
      isOpen: () => !socket.destroyed,
      async close() {
        socket.destroy()
        await once(socket, 'close')
      },
    }
  }

  it('of one client are a tenth of all at most: an IPv4 address in either form, or a /64', async () => {
    for (const peers of [
      ['198.51.100.1', '::ffff:198.51.100.1', '198.51.100.1'],
      ['2001:db8:1:2::1', '2001:db8:1:2:ffff::9', '2001:0db8:0001:0002::1'],
    ]) {
      const open = peers.map(arrive)
      assert.deepEqual(
        open.map(({ isOpen }) => isOpen()),
        [true, true, true],
      )
      const [peer = ''] = peers
      assert.equal(arrive(peer).isOpen(), false)
      for (const { close } of open) await close()
      const again = arrive(peer)
      assert.equal(again.isOpen(), true)
      await again.close()
    }
  })

  it('of others go on while one client has all of its own', async () => {
    const open = ['198.51.100.1', '198.51.100.1', '198.51.100.1', '198.51.100.2', '2001:db8:1:2::1', '2001:db8:1:3::1']
    const all = open.map(arrive)
    assert.deepEqual(
      all.map(({ isOpen }) => isOpen()),
      open.map(() => true),
    )
    for (const { close } of all) await close()
  })

  it('of loopback and of trusted proxies have no limit of their own: they stand for many', async () => {
    for (const peer of ['127.0.0.1', '::1', '192.0.2.7', '::ffff:192.0.2.7']) {
      const all = Array.from({ length: 20 }, () => arrive(peer))
      assert.ok(
        all.every(({ isOpen }) => isOpen()),
        peer,
      )
      for (const { close } of all) await close()
    }
  })

  it('are held up to a number in all; what is more is closed without a word, and the next comes in once one goes', async () => {
    const { port } = server.address() as AddressInfo
    const sockets: Socket[] = []
    for (let index = 0; index < 30; index++) {
      const socket = connect(port, '127.0.0.1')
      await once(socket, 'connect')
      sockets.push(socket)
    }
    await until(() => countOf(server), 30)
    const more = connect(port, '127.0.0.1')
    let heard = 0
    more.on('data', (chunk) => (heard += chunk.length)).on('error', () => {})
    await once(more, 'close')
    assert.equal(heard, 0)
    sockets.pop()?.destroy()
    await until(() => countOf(server), 29)
    const next = connect(port, '127.0.0.1')
    next.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    const [answer] = await once(next, 'data')
    assert.match(String(answer), /^HTTP\/1\.1 200 OK/)
    for (const socket of [...sockets, next]) socket.destroy()
    await until(() => countOf(server), 0)
  })

  it('that are refused are told of once a minute, with how many there were since', async () => {
    time += 60_000
    told = []
    const open = Array.from({ length: 3 }, () => arrive('198.51.100.1'))
    for (let index = 0; index < 5; index++) arrive('198.51.100.1')
    assert.equal(told.length, 1)
    time += 59_999
    arrive('198.51.100.1')
    assert.equal(told.length, 1)
    time += 1
    arrive('198.51.100.1')
    assert.deepEqual(told[1], { count: 6, peer: '198.51.100.1', isOneClient: true })
    for (const { close } of open) await close()
  })
})

function countOf(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)))
  })
}

/** What the kernel has handed over comes to the server a moment later. */
async function until(read: () => Promise<number>, expected: number): Promise<void> {
  for (let round = 0; round < 200; round++) {
    if ((await read()) === expected) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  assert.equal(await read(), expected)
}
