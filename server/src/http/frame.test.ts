import assert from 'node:assert/strict'
import { createServer, METHODS } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { describe, it } from 'node:test'
import { LOCAL, PASSWORD } from '../../test/kit/clients.ts'
import { assertFramed, DOORS, FRAME, faults, withApp } from '../../test/kit/frame.ts'
import { LIGHT_HASHING } from '../../test/kit/hashing.ts'
import { readAnswers, sendBytes, sendOverWire } from '../../test/kit/raw-http.ts'
import { startTestApp } from '../../test/kit/start-test-app.ts'
import { findShapeFlaws } from '../../test/kit/voices.ts'
import { send } from '../../test/kit/wire.ts'
import { answerClientError } from './client-error.ts'

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
    server.on('clientError', (error, socket) => answerClientError(error, socket as Socket, FRAME))
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
    for (let round = 0; round < 20; round++) await send(test, { method: 'GET', path: '/readyz' })
    const told = test.log.filter((line) => line.includes('not ready'))
    assert.equal(told.length, 1, 'whoever asks again and again fills no log')
    assert.equal((await send(test, { method: 'GET', path: '/healthz' })).status, 200)
    await test.app.close()
  })
})

describe('an unexpected error', () => {
  it('is 500 in the shape of its door, logged once, and tells nobody a secret', async () => {
    const test = await startTestApp({ config: LIGHT_HASHING })
    const authenticated = await test.core.register({ email: 'canary@example.com', password: PASSWORD }, LOCAL)
    const { key } = await test.core.openKeySession(authenticated, { client: LOCAL, lifetime: 60 })
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
