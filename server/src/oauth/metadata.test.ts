import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { startTestApp, type TestApp } from '../../test/kit/start-test-app.ts'
import { send } from '../../test/kit/wire.ts'

const ISSUER = 'https://auth.example.com'
const PATH = '/.well-known/oauth-authorization-server'

describe('the metadata', () => {
  let test: TestApp
  before(async () => {
    test = await startTestApp({ config: { publicUrl: ISSUER } })
  })
  after(() => test.close())

  const ask = (headers: Readonly<Record<string, string>> = {}, method = 'GET') =>
    send(test, { method, path: PATH, headers })

  it('says where what is there is, and claims nothing else, whatever Host a request names', async () => {
    for (const headers of [{}, { host: 'evil.example.com', 'x-forwarded-host': 'evil.example.com' }]) {
      const answer = await ask(headers)
      assert.equal(answer.status, 200)
      assert.equal(answer.headers['content-type'], 'application/json')
      assert.equal(answer.headers['x-content-type-options'], 'nosniff')
      assert.deepEqual(answer.json, {
        issuer: ISSUER,
        jwks_uri: `${ISSUER}/.well-known/jwks.json`,
        response_types_supported: [],
        grant_types_supported: [],
        introspection_endpoint: `${ISSUER}/v1/introspect`,
        introspection_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
        revocation_endpoint: `${ISSUER}/v1/revoke`,
        revocation_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
      })
    }
  })

  it('names endpoints that answer', async () => {
    const { json } = await ask()
    const urls = Object.entries(json as Record<string, unknown>).filter(([name]) => /_(uri|endpoint)$/.test(name))
    assert.equal(urls.length, 3)
    for (const [name, url] of urls) {
      const { origin, pathname } = new URL(String(url))
      assert.equal(origin, ISSUER)
      const { status } = await send(test, { method: name === 'jwks_uri' ? 'GET' : 'POST', path: pathname })
      assert.equal(status, name === 'jwks_uri' ? 200 : 415, name)
    }
  })

  it('may be kept for five minutes, and says then that it is as it was', async () => {
    const { headers } = await ask()
    assert.equal(headers['cache-control'], 'public, max-age=300, must-revalidate')
    const { etag = '' } = headers
    assert.match(etag, /^"[A-Za-z0-9_-]{22}"$/)
    for (const named of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const again = await ask({ 'if-none-match': named })
      assert.deepEqual([again.status, again.text, again.headers.etag], [304, '', etag], named)
      assert.equal(again.headers['cache-control'], headers['cache-control'])
    }
    assert.equal((await ask({ 'if-none-match': '"other"' })).status, 200)
  })

  it('is answered to HEAD too, and to no other method', async () => {
    const head = await ask({}, 'HEAD')
    assert.deepEqual([head.status, head.text], [200, ''])
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      const answer = await ask({}, method)
      assert.equal(answer.status, 405)
      assert.equal(answer.headers.allow, 'GET, HEAD')
      assert.partialDeepStrictEqual(answer.json, { error: 'invalid_request' })
    }
  })
})
