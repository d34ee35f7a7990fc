import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { PASSWORD } from '../../test/kit/clients.ts'
import { assertFramed, JSON_TYPE, withApp } from '../../test/kit/frame.ts'
import { LIGHT_HASHING } from '../../test/kit/hashing.ts'
import { ROUTES } from '../../test/kit/routes.ts'
import { startTestApp } from '../../test/kit/start-test-app.ts'
import { send, type WireAnswer } from '../../test/kit/wire.ts'

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

  it('that is allowed may read whatever is answered at any path to any method, with the security headers', async () => {
    for (const { path } of ROUTES) {
      for (const place of ['', '/drf-jwt', '/drf-token', '/express-jwt', '/simplejwt'].map((own) => `${own}${path}`)) {
        for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'QUERY', 'PURGE']) {
          const answer = await send(open.test, { method, path: place, headers: { origin: ORIGIN } })
          assert.equal(allowed(answer), ORIGIN, `${method} ${place}`)
          assert.ok(answer.headers.vary?.split(', ').includes('Origin'), `${method} ${place}`)
          assertFramed(answer, `${method} ${place}`)
        }
      }
    }
  })

  it('that is allowed may read a 429 and a 503', async () => {
    const headers = { origin: ORIGIN }
    const guess = {
      method: 'POST',
      path: '/login/',
      json: { email: 'guessed@example.com', password: 'not the password' },
      headers,
    }
    let limited = await send(open.test, guess)
    for (let index = 0; index < 20 && limited.status === 400; index++) limited = await send(open.test, guess)
    const busy = await startTestApp({ config: open.test.config, isOverloaded: () => true })
    const overloaded = await send(busy, guess)
    await busy.close()
    for (const [answer, status] of [
      [limited, 429],
      [overloaded, 503],
    ] as const) {
      assert.equal(answer.status, status)
      assert.equal(allowed(answer), ORIGIN)
      assert.match(answer.headers['retry-after'] ?? '', /^[1-9]\d*$/)
      assert.equal(answer.headers['access-control-expose-headers'], 'Retry-After, WWW-Authenticate')
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
