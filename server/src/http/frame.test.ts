import assert from 'node:assert/strict'
import { createServer, METHODS } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { LOCAL, PASSWORD } from '../../test/kit/clients.ts'
import { LIGHT_HASHING } from '../../test/kit/hashing.ts'
import { listen, readAnswers, sendBytes, sendOverWire } from '../../test/kit/raw-http.ts'
import { fixedRule } from '../../test/kit/rules.ts'
import { startTestApp, type TestApp, type TestOptions } from '../../test/kit/start-test-app.ts'
import { findShapeFlaws, type Voice } from '../../test/kit/voices.ts'
import { send, type WireAnswer } from '../../test/kit/wire.ts'
import { answerClientError } from './client-error.ts'
import { securityHeaders } from './security-headers.ts'

const FRAME = securityHeaders({ isSecure: false })
const JSON_TYPE = { 'content-type': 'application/json' }
const DOORS: readonly { voice: Voice; path: string }[] = [
  { voice: 'drf', path: '/login/' },
  { voice: 'drf', path: '/api/users/login/' },
  { voice: 'drf', path: '/simplejwt/api/users/login/' },
  { voice: 'express', path: '/api/auth/login/' },
]

function withApp(options: TestOptions = {}): { readonly test: TestApp; readonly port: number } {
  const started: { test?: TestApp; port?: number } = {}
  before(async () => {
    started.test = await startTestApp({ config: LIGHT_HASHING, ...options })
    started.port = await listen(started.test)
  })
  after(() => started.test?.close())
  return {
    get test() {
      assert.ok(started.test !== undefined)
      return started.test
    },
    get port() {
      return started.port ?? 0
    },
  }
}

function assertFramed(answer: Pick<WireAnswer, 'headers' | 'status'>, about: string): void {
  for (const [name, value] of Object.entries(FRAME)) assert.equal(answer.headers[name], value, `${about}: ${name}`)
  for (const name of ['server', 'x-powered-by', 'set-cookie']) assert.equal(answer.headers[name], undefined, about)
}

describe('every answer', () => {
  const served = withApp()

  it('has the security headers, whatever the path and the method', async () => {
    const paths = [
      '/',
      '/healthz',
      '/readyz',
      '/v1/session',
      '/v1/x',
      '/login/',
      '/api/auth/login',
      '/x',
      '/%zz',
      '/a%00b',
    ]
    for (const path of paths) {
      for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
        assertFramed(await send(served.test, { method, path }), `${method} ${path}`)
      }
    }
  })

  it('is in the shape of its door for every method that HTTP has, and never a fault', async () => {
    for (const { voice, path } of [
      ...DOORS,
      { voice: 'v1', path: '/v1/session' },
      { voice: 'v1', path: '/v1/x' },
    ] as const) {
      for (const method of METHODS.filter((method) => method !== 'CONNECT')) {
        const answer = await sendOverWire(served.port, { method, target: path, headers: { 'content-length': '0' } })
        assertFramed(answer, `${method} ${path}`)
        assert.deepEqual(findShapeFlaws(voice, method, answer), [], `${method} ${path} ${answer.status} ${answer.text}`)
      }
    }
    assert.deepEqual(faults(served.test), [])
  })

  it('has the security headers where no request could be made of the bytes: 400 and 431', async () => {
    const table: readonly [string, number][] = [
      ['nonsense\r\n\r\n', 400],
      ['GET / HTTP/9.9\r\nHost: x\r\n\r\n', 400],
      ['BREW / HTTP/1.1\r\nHost: x\r\n\r\n', 400],
      ['GET / HTTP/1.1\r\nHost: x\r\nBad Header: x\r\n\r\n', 400],
      [`GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(17_000)}\r\n\r\n`, 431],
      [`GET /${'x'.repeat(17_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 431],
      ['POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n', 400],
      ['POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', 400],
      ['POST /login/ HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n', 400],
    ]
    for (const [bytes, status] of table) {
      const { answers } = readAnswers(await sendBytes(served.port, [bytes]), { isHead: false })
      assert.equal(answers.length, 1, bytes.slice(0, 60))
      const [answer] = answers
      assert.equal(answer?.status, status, bytes.slice(0, 60))
      if (answer !== undefined) assertFramed(answer, bytes.slice(0, 60))
      assert.equal(answer?.headers.connection, 'close')
      assert.equal(typeof (answer?.json as { detail?: unknown })?.detail, 'string')
    }
  })

  it('has the security headers where Node would answer by itself: no Host, and an odd Expect', async () => {
    const table: readonly [string, number][] = [
      ['GET /healthz HTTP/1.1\r\n\r\n', 400],
      ['POST /login/ HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}', 400],
      ['POST /login/ HTTP/1.1\r\nHost: x\r\nExpect: a miracle\r\nContent-Length: 0\r\n\r\n', 417],
    ]
    for (const [bytes, status] of table) {
      const { answers } = readAnswers(await sendBytes(served.port, [bytes]), { isHead: false })
      assert.equal(answers.length, 1, bytes)
      const [answer] = answers
      assert.equal(answer?.status, status, bytes)
      assert.equal(answer?.headers.connection, 'close')
      if (answer !== undefined) assertFramed(answer, bytes)
    }
  })

  it('to headers that come too slowly is 408, with the security headers', async () => {
    // The same handler on a server that is less patient: the real one waits ten seconds.
    const server = createServer({ headersTimeout: 50, requestTimeout: 60, connectionsCheckingInterval: 20 })
    server.on('clientError', (error, socket) => answerClientError(error, connectOf(socket), FRAME))
    server.listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n')
    const chunks: Buffer[] = []
    for await (const chunk of socket) chunks.push(chunk)
    server.close()
    const { answers } = readAnswers(Buffer.concat(chunks).toString(), { isHead: false })
    assert.equal(answers[0]?.status, 408)
    if (answers[0] !== undefined) assertFramed(answers[0], '408')
    assert.deepEqual(answers[0]?.json, { detail: 'Request Timeout.' })
  })

  it('comes without a Host to HTTP/1.0, which has none', async () => {
    const socket = connect(served.port, '127.0.0.1')
    socket.write('GET /healthz HTTP/1.0\r\n\r\n')
    const chunks: Buffer[] = []
    for await (const chunk of socket) chunks.push(chunk)
    assert.match(Buffer.concat(chunks).toString(), /^HTTP\/1\.1 200 .*\{"status":"ok"\}$/s)
  })

  it('says that only HTTPS is to be used, exactly where that is the public URL', async () => {
    assert.equal(
      (await send(served.test, { method: 'GET', path: '/healthz' })).headers['strict-transport-security'],
      undefined,
    )
    const secure = await startTestApp({ config: { publicUrl: 'https://auth.example.com' } })
    for (const path of ['/healthz', '/login/', '/x']) {
      const { headers } = await send(secure, { method: 'GET', path })
      assert.equal(headers['strict-transport-security'], 'max-age=31536000')
    }
    await secure.close()
  })
})

describe('a body', () => {
  const served = withApp()

  for (const { voice, path } of DOORS) {
    it(`of more than 16 KiB is 413 in the voice of ${path}, announced or not`, async () => {
      const body = `{"email":"${'x'.repeat(16_384)}"}`
      const announced = await sendOverWire(served.port, { method: 'POST', target: path, headers: JSON_TYPE, body })
      const chunked = await sendOverWire(served.port, {
        method: 'POST',
        target: path,
        headers: { ...JSON_TYPE, 'transfer-encoding': 'chunked' },
        body,
      })
      for (const answer of [announced, chunked]) {
        assert.equal(answer.status, 413)
        assert.deepEqual(findShapeFlaws(voice, 'POST', answer), [])
      }
    })

    it(`of 16 KiB exactly is read at ${path}`, async () => {
      const rest = '{"email":"","password":""}'.length
      const body = `{"email":"${'x'.repeat(16_384 - rest)}","password":""}`
      assert.equal(body.length, 16_384)
      const answer = await send(served.test, { method: 'POST', path, headers: JSON_TYPE, body })
      assert.notEqual(answer.status, 413)
      assert.ok(answer.status < 500)
    })
  }

  it('whose sender hangs up while it is answered is nobody’s fault either', async () => {
    const sockets = Array.from({ length: 40 }, () => connect(served.port, '127.0.0.1'))
    const body = '{"email":"nobody@example.com","password":"password"}'
    for (const socket of sockets) {
      socket.on('error', () => {})
      socket.write(
        `POST /login/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      )
      socket.resetAndDestroy()
    }
    // Whatever of them is still worked on is done once this has its answer.
    assert.equal(
      (await send(served.test, { method: 'POST', path: '/login/', headers: JSON_TYPE, body })).status < 500,
      true,
    )
    assert.deepEqual(faults(served.test), [])
  })

  it('that ends early is nobody’s fault: it is logged as none, and the process goes on', async () => {
    const socket = connect(served.port, '127.0.0.1')
    socket.on('error', () => {})
    socket.write(
      `POST /login/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"email"`,
    )
    await new Promise((resolve) => setTimeout(resolve, 50))
    socket.resetAndDestroy()
    await new Promise((resolve) => setTimeout(resolve, 100))
    assert.deepEqual(faults(served.test), [])
    assert.equal((await send(served.test, { method: 'GET', path: '/healthz' })).status, 200)
  })
})

describe('a path', () => {
  const served = withApp()

  it('that cannot be decoded is not there, in the voice of its neighbours', async () => {
    for (const [path, voice] of [
      ['/%', 'drf'],
      ['/%zz', 'drf'],
      ['/%c0%af', 'drf'],
      ['/login/%ff', 'drf'],
      ['/api/auth/%zz', 'express'],
      ['/api/auth/login%', 'express'],
      ['/v1/%80', 'v1'],
      ['/v1/session%', 'v1'],
    ] as const) {
      for (const method of ['GET', 'POST']) {
        const answer = await sendOverWire(served.port, { method, target: path, headers: { 'content-length': '0' } })
        assert.equal(answer.status, 404, path)
        assert.deepEqual(findShapeFlaws(voice, method, answer), [], path)
      }
    }
    assert.deepEqual(faults(served.test), [])
  })

  it('is taken with and without its slash, with a query, and not in another spelling', async () => {
    for (const path of ['/login', '/login/', '/login?x=1', '/login/?x=/']) {
      assert.equal((await send(served.test, { method: 'POST', path })).status, 400, path)
    }
    for (const path of ['/login//', '//login', '/LOGIN', '/login/x', '/./login/', '/login/..']) {
      const answer = await sendOverWire(served.port, {
        method: 'POST',
        target: path,
        headers: { 'content-length': '0' },
      })
      assert.equal(answer.status, 404, path)
    }
  })
})

describe('an origin', () => {
  const ORIGIN = 'https://app.example.com'
  const closed = withApp()
  const open = withApp({ config: { ...LIGHT_HASHING, corsOrigins: [ORIGIN, 'http://localhost:3000'] } })
  const allowed = ({ headers }: WireAnswer) => headers['access-control-allow-origin']

  it('may read nothing by default', async () => {
    const answer = await send(closed.test, { method: 'POST', path: '/login/', headers: { origin: ORIGIN } })
    assert.equal(allowed(answer), undefined)
    const preflight = { origin: ORIGIN, 'access-control-request-method': 'POST' }
    assert.equal(
      allowed(await send(closed.test, { method: 'OPTIONS', path: '/login/', headers: preflight })),
      undefined,
    )
  })

  it('that is allowed may read every answer, errors too', async () => {
    const requests: readonly [
      number,
      { method: string; path: string; headers?: Record<string, string>; body?: string },
    ][] = [
      [200, { method: 'GET', path: '/healthz' }],
      [400, { method: 'POST', path: '/login/' }],
      [400, { method: 'POST', path: '/api/auth/login', headers: JSON_TYPE, body: '{' }],
      [401, { method: 'GET', path: '/v1/session' }],
      [404, { method: 'GET', path: '/nothing' }],
      [404, { method: 'GET', path: '/api/auth/login' }],
      [405, { method: 'GET', path: '/login/' }],
      [406, { method: 'POST', path: '/login/', headers: { accept: 'application/xml' } }],
      [413, { method: 'POST', path: '/login/', headers: JSON_TYPE, body: 'x'.repeat(20_000) }],
      [415, { method: 'POST', path: '/login/', headers: { 'content-type': 'text/plain' }, body: 'x' }],
    ]
    for (const [status, request] of requests) {
      const answer = await send(open.test, { ...request, headers: { ...request.headers, origin: ORIGIN } })
      assert.equal(answer.status, status)
      assert.equal(allowed(answer), ORIGIN, `${status}`)
      assert.equal(answer.headers['access-control-allow-credentials'], undefined)
      assert.equal(answer.headers['access-control-expose-headers'], 'Retry-After, WWW-Authenticate')
      assert.ok(answer.headers.vary?.split(', ').includes('Origin'), `${status}: ${answer.headers.vary}`)
      assertFramed(answer, `${status}`)
    }
  })

  it('that is allowed may read a 500', async () => {
    const broken = await startTestApp({ config: { ...LIGHT_HASHING, corsOrigins: [ORIGIN] } })
    await broken.store.close()
    const request = {
      method: 'POST',
      path: '/login/',
      json: { email: 'a', password: PASSWORD },
      headers: { origin: ORIGIN },
    }
    const answer = await send(broken, request)
    assert.equal(answer.status, 500)
    assert.equal(allowed(answer), ORIGIN)
    await broken.app.close()
  })

  it('is taken letter by letter: none that only looks like it is allowed', async () => {
    for (const origin of [
      'https://app.example.com.evil.example',
      'https://evil.example',
      'https://app.example.com:443',
      'https://app.example.com/',
      'http://app.example.com',
      'HTTPS://APP.EXAMPLE.COM',
      'https://xapp.example.com',
      'null',
      '*',
      '',
      `${ORIGIN}, https://evil.example`,
    ]) {
      const answer = await send(open.test, { method: 'GET', path: '/healthz', headers: { origin } })
      assert.equal(allowed(answer), undefined, origin)
      assert.ok(answer.headers.vary?.includes('Origin'))
    }
    assert.equal(allowed(await send(open.test, { method: 'GET', path: '/healthz' })), undefined)
  })

  it('that is allowed gets its preflight answered at every path; OPTIONS without one is the door’s own', async () => {
    const preflight = { origin: ORIGIN, 'access-control-request-method': 'POST', 'access-control-request-headers': 'x' }
    for (const path of ['/login/', '/api/auth/login', '/v1/session', '/nothing']) {
      const answer = await send(open.test, { method: 'OPTIONS', path, headers: preflight })
      assert.equal(answer.status, 204)
      assert.equal(answer.text, '')
      assert.equal(allowed(answer), ORIGIN)
      assert.equal(answer.headers['access-control-allow-methods'], 'GET, POST, PUT, PATCH, DELETE, OPTIONS')
      assert.equal(
        answer.headers['access-control-allow-headers'],
        'Authorization, Content-Type, Accept, X-CSRFToken, X-Requested-With',
      )
      assertFramed(answer, path)
    }
    const plain = await send(open.test, { method: 'OPTIONS', path: '/login/', headers: { origin: ORIGIN } })
    assert.equal(plain.status, 200)
    assert.equal(plain.headers.vary, 'Origin, Accept')
    const stranger = { ...preflight, origin: 'https://evil.example' }
    assert.equal(allowed(await send(open.test, { method: 'OPTIONS', path: '/login/', headers: stranger })), undefined)
  })
})

describe('a forwarded header', () => {
  const LIMITS = { account: fixedRule(1000, 3_600_000), network: [fixedRule(5, 3_600_000)] }
  const guess = async (test: TestApp, { from, forwarded }: { from: string; forwarded?: string }) => {
    const { statusCode } = await test.app.inject({
      method: 'POST',
      url: '/login/',
      remoteAddress: from,
      headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
      payload: { email: `${Math.random()}@example.com`, password: PASSWORD },
    })
    return statusCode
  }
  const warnings = ({ log }: TestApp) => log.filter((line) => line.includes('forwarded header ignored')).length

  it('of a peer that nobody named counts for nothing: a new one each time is still one client', async (t) => {
    const test = await startTestApp({ config: LIGHT_HASHING, limits: LIMITS })
    t.after(() => test.close())
    const statuses: number[] = []
    for (let index = 0; index < 8; index++) {
      statuses.push(await guess(test, { from: '203.0.113.5', forwarded: `198.51.100.${index}` }))
    }
    assert.deepEqual(statuses, [400, 400, 400, 400, 400, 429, 429, 429])
    assert.equal(await guess(test, { from: '203.0.113.6' }), 400)
  })

  it('of a peer that nobody named is warned of once a minute', async (t) => {
    const test = await startTestApp({ config: { ...LIGHT_HASHING, trustedProxies: ['192.0.2.0/24'] } })
    t.after(() => test.close())
    const ask = (from: string, headers: Record<string, string>) =>
      test.app.inject({ method: 'GET', url: '/healthz', remoteAddress: from, headers })
    await ask('203.0.113.5', {})
    await ask('192.0.2.7', { 'x-forwarded-for': '198.51.100.1' })
    assert.equal(warnings(test), 0)
    for (let index = 0; index < 5; index++) await ask('203.0.113.5', { 'x-forwarded-for': '198.51.100.1' })
    assert.equal(warnings(test), 1)
    test.advance(60_000)
    await ask('2001:db8::1', { forwarded: 'for=198.51.100.1' })
    assert.equal(warnings(test), 2)
    test.advance(60_000)
    await ask('203.0.113.5', { 'x-real-ip': '198.51.100.1' })
    assert.equal(warnings(test), 3)
  })

  it('of a named proxy is believed as far as named proxies vouch: the right-most other hop is the client', async (t) => {
    const test = await startTestApp({
      config: { ...LIGHT_HASHING, trustedProxies: ['192.0.2.0/24', '2001:db8:ffff::/48'] },
      limits: LIMITS,
    })
    t.after(() => test.close())
    // Whatever a client writes itself stands left of what the proxies add.
    for (let index = 0; index < 5; index++) {
      assert.equal(await guess(test, { from: '192.0.2.7', forwarded: `10.0.0.${index}, 198.51.100.1` }), 400)
    }
    assert.equal(await guess(test, { from: '192.0.2.7', forwarded: '10.9.9.9, 198.51.100.1' }), 429)
    assert.equal(await guess(test, { from: '192.0.2.8', forwarded: '198.51.100.1, 192.0.2.9' }), 429)
    assert.equal(await guess(test, { from: '2001:db8:ffff::1', forwarded: '198.51.100.1' }), 429)
    assert.equal(await guess(test, { from: '::ffff:192.0.2.7', forwarded: '::ffff:198.51.100.1' }), 429)
    assert.equal(await guess(test, { from: '192.0.2.7', forwarded: '198.51.100.1:4711' }), 429)
    assert.equal(await guess(test, { from: '192.0.2.7', forwarded: '198.51.100.2' }), 400)
    assert.equal(await guess(test, { from: '198.51.100.1' }), 429)
    assert.deepEqual(faults(test), [])
  })

  it('through a named proxy keeps one budget for a /64, and one for all that is no address', async (t) => {
    const test = await startTestApp({ config: { ...LIGHT_HASHING, trustedProxies: ['192.0.2.7'] }, limits: LIMITS })
    t.after(() => test.close())
    const statuses: number[] = []
    for (let index = 0; index < 6; index++) {
      statuses.push(await guess(test, { from: '192.0.2.7', forwarded: `2001:db8:1:2::${index + 2}` }))
    }
    assert.deepEqual(statuses, [400, 400, 400, 400, 400, 429])
    assert.equal(await guess(test, { from: '192.0.2.7', forwarded: '2001:db8:1:3::1' }), 400)
    const garbage = ['unknown', '_hidden', 'x'.repeat(300), '1.2.3.4.5', "'; --", '\u00ff']
    const answers: number[] = []
    for (const forwarded of garbage) answers.push(await guess(test, { from: '192.0.2.7', forwarded }))
    assert.deepEqual(answers, [400, 400, 400, 400, 400, 429])
    assert.deepEqual(faults(test), [])
  })

  it('never makes a fault, from whatever peer', async (t) => {
    const test = await startTestApp({
      config: { ...LIGHT_HASHING, trustedProxies: ['192.0.2.0/24', '::1'] },
      limits: LIMITS,
    })
    t.after(() => test.close())
    for (const from of ['fe80::1%eth0', '::1', '127.0.0.1', '::ffff:127.0.0.1']) {
      for (const forwarded of ['', ',', ' , ,', 'fe80::1%eth0', '[::1]:80', '::', 'for=1.2.3.4']) {
        assert.ok((await guess(test, { from, forwarded })) < 500, `${from} ${forwarded}`)
      }
    }
    assert.deepEqual(faults(test), [])
  })
})

describe('health', () => {
  const served = withApp()

  it('says that the process answers, and whether it should be sent requests', async () => {
    const health = await send(served.test, { method: 'GET', path: '/healthz' })
    assert.deepEqual([health.status, health.text], [200, '{"status":"ok"}'])
    const ready = await send(served.test, { method: 'GET', path: '/readyz' })
    assert.deepEqual([ready.status, ready.text], [200, '{"status":"ready"}'])
    assert.equal(ready.headers['content-type']?.split(';')[0], 'application/json')
  })

  it('is not ready, but healthy, when the database does not answer', async () => {
    const test = await startTestApp()
    await test.store.close()
    const ready = await send(test, { method: 'GET', path: '/readyz' })
    assert.deepEqual([ready.status, ready.headers['retry-after']], [503, '5'])
    assert.deepEqual(ready.json, { status: 'database unavailable' })
    assertFramed(ready, '/readyz')
    assert.equal((await send(test, { method: 'GET', path: '/healthz' })).status, 200)
    await test.app.close()
  })
})

describe('an unexpected error', () => {
  it('is 500 in the shape of its door, logged once, and tells nobody a secret', async () => {
    const test = await startTestApp({ config: LIGHT_HASHING })
    const authenticated = await test.core.register({ email: 'canary@example.com', password: PASSWORD })
    const { key } = await test.core.openKeySession(authenticated, { contract: 'x', client: LOCAL, lifetime: 60 })
    await test.store.close()
    const password = 'canary-password-9f3a'
    for (const { voice, path } of DOORS) {
      const before = faults(test).length
      const json = { email: 'canary@example.com', username: 'canary@example.com', password }
      const { username: _, ...byEmail } = json
      const answer = await send(test, { method: 'POST', path, json: path.startsWith('/simple') ? json : byEmail })
      assert.equal(answer.status, 500, path)
      assert.deepEqual(
        findShapeFlaws(voice, 'POST', answer).filter((flaw) => flaw !== 'status 500'),
        [],
      )
      assert.equal(faults(test).length, before + 1, path)
      assertFramed(answer, path)
    }
    const v1 = await send(test, { method: 'GET', path: '/v1/session', headers: { authorization: `Bearer ${key}` } })
    assert.equal(v1.status, 500)
    assert.equal((v1.json as { code?: unknown }).code, 'server_error')
    const log = test.log.join('\n')
    for (const secret of [password, key, PASSWORD]) assert.ok(!log.includes(secret))
    for (const line of faults(test)) assert.match(line, /"stack":/)
    assert.equal((await send(test, { method: 'GET', path: '/healthz' })).status, 200)
    await test.app.close()
  })
})

/** The lines that tell of a fault of ours. */
function faults({ log }: Pick<TestApp, 'log'>): string[] {
  return log.filter((line) => (JSON.parse(line) as { level: number }).level >= 50)
}

function connectOf(socket: unknown) {
  return socket as ReturnType<typeof connect>
}
