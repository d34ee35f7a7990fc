import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createServer as createTcpServer } from 'node:net'
import { after, afterEach, beforeEach, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { makeAuthority } from '../../test/kit/postgres-tls.ts'
import { isSigned, type Receiver, startReceiver } from '../../test/kit/webhook-receiver.ts'
import type { Webhook, WebhookMessage } from '../core/ports.ts'
import { createLookup, createWebhook, type WebhookSurroundings } from './webhook.ts'

const SECRET = `whsec_${Buffer.from('0123456789abcdefghijklmnopqrstuv').toString('base64')}`
const OLD_SECRET = `whsec_${Buffer.from('vutsrqponmlkjihgfedcba9876543210').toString('base64')}`
const NOW = Date.UTC(2026, 10, 21, 13)
const MESSAGE: WebhookMessage = {
  id: 'evt_0123456789abcdef',
  type: 'account_registered',
  at: NOW - 60_000,
  data: { sequence: 7, actor: 'anonymous', network: null, detail: { note: 'ünïcode 🔑' } },
}

function makeWebhook(
  url: string,
  surroundings: WebhookSurroundings = {},
  secrets: readonly string[] = [SECRET],
): Webhook {
  const webhook = createWebhook({ webhookUrl: url, webhookSecrets: secrets, webhookAllowPrivate: true }, surroundings)
  assert.ok(webhook !== null)
  return webhook
}

describe('a webhook', () => {
  let receiver: Receiver
  beforeEach(async () => {
    receiver = await startReceiver()
  })
  afterEach(() => receiver.close())

  const here = (path = '/hook?from=latchkey') => `http://127.0.0.1:${receiver.port}${path}`

  it('is told in one signed POST of JSON', async () => {
    assert.equal(await makeWebhook(here()).send(MESSAGE, { now: NOW }), 'taken')
    const [request] = receiver.received
    assert.ok(request !== undefined && receiver.received.length === 1)
    assert.equal(request.method, 'POST')
    assert.equal(request.path, '/hook?from=latchkey')
    assert.deepEqual(JSON.parse(request.body), {
      type: 'account_registered',
      timestamp: '2026-11-21T12:59:00.000Z',
      data: MESSAGE.data,
    })
    const { host, ...headers } = request.headers
    assert.equal(host, `127.0.0.1:${receiver.port}`)
    assert.deepEqual(Object.keys(headers).sort(), [
      'connection',
      'content-length',
      'content-type',
      'user-agent',
      'webhook-id',
      'webhook-signature',
      'webhook-timestamp',
    ])
    assert.equal(headers['content-type'], 'application/json')
    assert.equal(headers['webhook-id'], MESSAGE.id)
    assert.equal(headers['webhook-timestamp'], String(NOW / 1000))
    assert.equal(isSigned(request, SECRET, NOW), true)
  })

  it('can tell a changed body, another secret and an old request from what was sent', async () => {
    await makeWebhook(here()).send(MESSAGE, { now: NOW })
    const [request] = receiver.received
    assert.ok(request !== undefined)
    assert.equal(isSigned({ ...request, body: request.body.replace('7', '8') }, SECRET, NOW), false)
    assert.equal(isSigned(request, OLD_SECRET, NOW), false)
    assert.equal(isSigned(request, SECRET, NOW + 301_000), false)
    const headers = { ...request.headers, 'webhook-id': 'evt_other' }
    assert.equal(isSigned({ ...request, headers }, SECRET, NOW), false)
  })

  it('can check either secret while one is changed for the other', async () => {
    await makeWebhook(here(), {}, [SECRET, OLD_SECRET]).send(MESSAGE, { now: NOW })
    const [request] = receiver.received
    assert.ok(request !== undefined)
    assert.deepEqual(
      [SECRET, OLD_SECRET].map((secret) => isSigned(request, secret, NOW)),
      [true, true],
    )
  })

  it('takes an event with any 2xx, is gone with 410, and refuses it with everything else', async () => {
    const outcomes: Record<number, string> = {}
    for (const status of [200, 202, 204, 299, 300, 304, 400, 401, 404, 410, 429, 500, 503]) {
      receiver.answer(status)
      outcomes[status] = await makeWebhook(here())
        .send(MESSAGE, { now: NOW })
        .catch(() => 'refused')
    }
    assert.deepEqual(outcomes, {
      ...{ 200: 'taken', 202: 'taken', 204: 'taken', 299: 'taken', 410: 'gone' },
      ...{ 300: 'refused', 304: 'refused', 400: 'refused', 401: 'refused', 404: 'refused' },
      ...{ 429: 'refused', 500: 'refused', 503: 'refused' },
    })
  })

  it('is not followed to where it redirects', async () => {
    const elsewhere = await startReceiver()
    for (const status of [301, 302, 303, 307, 308]) {
      receiver.answer((_request, response) => {
        response.writeHead(status, { location: `http://127.0.0.1:${elsewhere.port}/` }).end()
      })
      await assert.rejects(makeWebhook(here()).send(MESSAGE, { now: NOW }), /redirects are not followed/)
    }
    assert.equal(elsewhere.connections(), 0)
    await elsewhere.close()
  })

  it('may answer with more than anybody reads', async () => {
    let written = 0
    receiver.answer((_request, response) => {
      response.writeHead(200)
      const more = () => {
        while (response.writable) {
          written += 65_536
          if (!response.write('x'.repeat(65_536))) return
        }
      }
      response.on('drain', more)
      more()
    })
    assert.equal(await makeWebhook(here()).send(MESSAGE, { now: NOW }), 'taken')
    assert.ok(written < 64 * 65_536, `${written} bytes of an answer were taken`)
  })

  it('that does not answer in time has not taken it', async () => {
    receiver.answer(() => {})
    const hurried = { patience: { connect: 5000, whole: 100 } }
    await assert.rejects(makeWebhook(here(), hurried).send(MESSAGE, { now: NOW }), /no answer in time/)
  })

  it('that begins an answer and never ends it has taken it, and holds nobody up', async () => {
    receiver.answer((_request, response) => void response.writeHead(200).write('x'))
    const hurried = { patience: { connect: 5000, whole: 100 } }
    assert.equal(await makeWebhook(here(), hurried).send(MESSAGE, { now: NOW }), 'taken')
  })

  it('that takes the connection and never speaks TLS is given up in time', async () => {
    const silent = createTcpServer(() => {}).listen(0, '127.0.0.1')
    await new Promise((resolve) => silent.once('listening', resolve))
    const { port } = silent.address() as { port: number }
    const hurried = { patience: { connect: 100, whole: 5000 } }
    await assert.rejects(
      makeWebhook(`https://127.0.0.1:${port}/`, hurried).send(MESSAGE, { now: NOW }),
      /no connection in time/,
    )
    silent.close()
  })

  it('that answers with another protocol, or hangs up without an answer, has not taken it', async () => {
    const upgrade = 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: events\r\n\r\n'
    for (const answer of [upgrade, 'SSH-2.0-events\r\n', '']) {
      const other = createTcpServer((socket) => socket.once('data', () => socket.end(answer))).listen(0, '127.0.0.1')
      await new Promise((resolve) => other.once('listening', resolve))
      const { port } = other.address() as { port: number }
      const sending = makeWebhook(`http://127.0.0.1:${port}/`).send(MESSAGE, { now: NOW })
      const late = sleep(2000, 'nothing came of it')
      await assert.rejects(Promise.race([sending, late]), Error, JSON.stringify(answer))
      await new Promise((resolve) => other.close(resolve))
    }
  })

  it('whose name is not looked up in time is given up', async () => {
    const hurried = { patience: { connect: 50, whole: 5000 }, lookup: () => new Promise<never>(() => {}) }
    await assert.rejects(
      makeWebhook('https://slow.example/', hurried).send(MESSAGE, { now: NOW }),
      /not looked up in time/,
    )
  })

  it('is let go of at once when whoever tells it has to leave', async () => {
    receiver.answer(() => {})
    const leaving = new AbortController()
    const sending = makeWebhook(here()).send(MESSAGE, { now: NOW, signal: leaving.signal })
    setTimeout(() => leaving.abort(), 50)
    await assert.rejects(sending, { name: 'AbortError' })
  })

  it('that nobody listens at has not taken it', async () => {
    const { port } = receiver
    await receiver.close()
    await assert.rejects(makeWebhook(`http://127.0.0.1:${port}/`).send(MESSAGE, { now: NOW }), /ECONNREFUSED/)
    receiver = await startReceiver()
  })

  it('that nobody listens at, at any of its addresses, is told of with all of them', async () => {
    const { port } = receiver
    await receiver.close()
    const lookup = async () => ['127.0.0.1', '127.0.0.2'].map((address) => ({ address, family: 4 }))
    const sending = makeWebhook(`http://hook.example:${port}/`, { lookup }).send(MESSAGE, { now: NOW })
    await assert.rejects(sending, /ECONNREFUSED 127\.0\.0\.1:\d+; .*ECONNREFUSED 127\.0\.0\.2/)
    receiver = await startReceiver()
  })

  it('is looked up once a message, and connected to at the very address that was checked', async () => {
    const asked: string[] = []
    const answers = ['127.0.0.1', '127.0.0.99']
    const lookup = async (hostname: string) => {
      asked.push(hostname)
      return [{ address: answers.shift() ?? '', family: 4 }]
    }
    const webhook = makeWebhook(`http://hook.example:${receiver.port}/`, { lookup })
    assert.equal(await webhook.send(MESSAGE, { now: NOW }), 'taken')
    assert.deepEqual(asked, ['hook.example'])
    assert.equal(receiver.received[0]?.headers.host, `hook.example:${receiver.port}`)
  })

  it('at a private address is not connected to unless that is allowed', async () => {
    const options = { webhookSecrets: [SECRET], webhookAllowPrivate: false }
    const lookup = async () => [{ address: '127.0.0.1', family: 4 }]
    for (const host of ['127.0.0.1', 'localhost', 'hook.example', '[::ffff:127.0.0.1]', '2130706433']) {
      const webhook = createWebhook({ ...options, webhookUrl: `https://${host}:${receiver.port}/` }, { lookup })
      await assert.rejects(async () => webhook?.send(MESSAGE, { now: NOW }), /private address/, host)
    }
    assert.equal(receiver.connections(), 0)
  })

  it('is reached past every proxy of the environment', async () => {
    const proxy = await startReceiver()
    const url = `http://127.0.0.1:${proxy.port}`
    const script = `
      import { createWebhook } from ${JSON.stringify(new URL('./webhook.ts', import.meta.url).href)}
      const options = { webhookUrl: ${JSON.stringify(here())}, webhookSecrets: [${JSON.stringify(SECRET)}], webhookAllowPrivate: true }
      console.log(await createWebhook(options).send(${JSON.stringify(MESSAGE)}, { now: ${NOW} }))
    `
    const env = {
      NODE_USE_ENV_PROXY: '1',
      HTTP_PROXY: url,
      http_proxy: url,
      HTTPS_PROXY: url,
      https_proxy: url,
      NO_PROXY: '',
    }
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { env })
    assert.equal(stdout, 'taken\n')
    assert.equal(proxy.connections(), 0)
    await proxy.close()
  })
})

describe('a webhook by https', () => {
  const authority = makeAuthority('Events')
  const { certificate: cert, key } = authority.issue('hook.example', ['DNS:hook.example'])
  const lookup = async () => [{ address: '127.0.0.1', family: 4 }]
  let receiver: Receiver
  beforeEach(async () => {
    receiver = await startReceiver({ cert, key })
  })
  afterEach(() => receiver.close())
  const insecure = process.env.NODE_TLS_REJECT_UNAUTHORIZED
  after(() => {
    if (insecure === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED
    else process.env.NODE_TLS_REJECT_UNAUTHORIZED = insecure
  })

  it('is told when its certificate is good for its name', async () => {
    const webhook = makeWebhook(`https://hook.example:${receiver.port}/`, { lookup, ca: authority.certificate })
    assert.equal(await webhook.send(MESSAGE, { now: NOW }), 'taken')
    assert.equal(receiver.received[0]?.headers.host, `hook.example:${receiver.port}`)
  })

  it('is told nothing when its certificate is another name’s, or nobody’s that is trusted, whatever the environment says', async () => {
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
    const other = makeWebhook(`https://other.example:${receiver.port}/`, { lookup, ca: authority.certificate })
    await assert.rejects(other.send(MESSAGE, { now: NOW }), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
    const unknown = makeWebhook(`https://hook.example:${receiver.port}/`, { lookup })
    await assert.rejects(unknown.send(MESSAGE, { now: NOW }), { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' })
    assert.deepEqual(receiver.received, [])
  })
})

describe('createLookup', () => {
  it('asks one thing at a time for however many wait, and anew for who comes later', async () => {
    let asked = 0
    const lookup = createLookup(async () => {
      asked++
      await new Promise((resolve) => setImmediate(resolve))
      return [{ address: '127.0.0.1', family: 4 }]
    })
    await Promise.all(Array.from({ length: 20 }, () => lookup('hook.example')))
    assert.equal(asked, 1)
    await lookup('hook.example')
    assert.equal(asked, 2)
  })
})
