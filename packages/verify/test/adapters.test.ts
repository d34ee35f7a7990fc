import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { after, before, beforeEach, describe, it } from 'node:test'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import { authOf, requireAuth as requireExpress } from '../src/express.ts'
import { authPlugin, requireAuth as requireFastify } from '../src/fastify.ts'
import { type AuthEnv, requireAuth as requireHono } from '../src/hono.ts'
import { createVerifier, readToken, type TokenError, type Verifier } from '../src/index.ts'
import { type FakeIssuer, type FakeKey, makeFakeKey, startFakeIssuer } from './kit/fake-issuer.ts'

/** A request to one of the back ends below, and its answer. */
type Ask = (path: string, authorization?: string) => Promise<Response>

/** Each has `/me`, `/maybe` (nobody may come in too) and `/staff`, and answers with the subject. */
const BACK_ENDS: Readonly<
  Record<string, (verifier: Verifier, onRefusal: (error: TokenError) => void) => Promise<Ask>>
> = {
  async Express(verifier, onRefusal) {
    const app = express()
    app.get('/me', requireExpress(verifier, { onRefusal }), (request, response) => {
      response.json({ subject: authOf(request).subject })
    })
    app.get('/maybe', requireExpress(verifier, { optional: true }), (request, response) => {
      response.json({ subject: 'auth' in request && request.auth !== null ? authOf(request).subject : null })
    })
    app.get('/staff', requireExpress(verifier, { requireStaff: true }), (request, response) => {
      response.json({ subject: authOf(request).subject })
    })
    return listen(app)
  },
  async Fastify(verifier, onRefusal) {
    const app = fastify()
    app.get('/open', async () => ({ subject: null }))
    app.register((guarded, _options, done) => {
      guarded.register(authPlugin(verifier, { onRefusal }))
      guarded.get('/me', async (request) => ({ subject: authOf(request).subject }))
      guarded.register((below, _options, done) => {
        below.get('/below', async () => ({}))
        done()
      })
      done()
    })
    app.register((guarded, _options, done) => {
      guarded.register(authPlugin(verifier, { optional: true }))
      guarded.get('/maybe', async (request) => ({
        subject: 'auth' in request && request.auth !== null ? authOf(request).subject : null,
      }))
      done()
    })
    app.get('/staff', { onRequest: requireFastify(verifier, { requireStaff: true }) }, async (request) => ({
      subject: authOf(request).subject,
    }))
    await app.ready()
    assert.equal((await app.inject('/open')).statusCode, 200, 'a plugin guards beyond its scope')
    assert.equal((await app.inject('/below')).statusCode, 401, 'a plugin does not guard what is below its scope')
    return listen((request, response) => app.routing(request, response))
  },
  async Hono(verifier, onRefusal) {
    const app = new Hono<AuthEnv>()
    const { optional, staff } = { optional: { optional: true }, staff: { requireStaff: true } }
    app.get('/me', requireHono(verifier, { onRefusal }), (c) => c.json({ subject: c.get('auth').subject }))
    app.get('/maybe', requireHono(verifier, optional), (c) => c.json({ subject: c.get('auth')?.subject ?? null }))
    app.get('/staff', requireHono(verifier, staff), (c) => c.json({ subject: c.get('auth').subject }))
    return async (path, authorization) =>
      app.request(path, { headers: authorization === undefined ? {} : { authorization } })
  },
}

const closing: (() => void)[] = []

for (const [name, start] of Object.entries(BACK_ENDS)) {
  describe(`the adapter for ${name}`, () => {
    let issuer: FakeIssuer
    let key: FakeKey
    let isStaff: boolean
    let ask: Ask
    const refusals: TokenError[] = []
    before(async () => {
      issuer = await startFakeIssuer()
      key = await makeFakeKey()
      issuer.keys = [key.publicJwk]
      const introspection = { clientId: 'a', clientSecret: 'b', url: `${issuer.url}/introspect` }
      ask = await start(createVerifier({ issuer: issuer.url, introspection }), (error) => refusals.push(error))
    })
    beforeEach(() => {
      isStaff = false
      refusals.length = 0
      issuer.introspect = () => ({ ...issuer.claims(), active: true, token_type: 'Bearer', is_staff: isStaff })
      issuer.answer = null
    })
    after(async () => {
      for (const close of closing.splice(0)) close()
      await issuer.close()
    })

    it('lets whoever has a good token in, under either scheme', async () => {
      const token = await issuer.sign(key)
      for (const scheme of ['Bearer', 'bearer', 'Token']) {
        const answer = await ask('/me', `${scheme} ${token}`)
        assert.deepEqual([answer.status, await answer.json()], [200, { subject: 'a-subject' }], scheme)
      }
      assert.deepEqual(refusals, [])
    })

    it('answers whoever has none, or a bad one, with 401, a challenge and a problem document', async () => {
      const token = await issuer.sign(key)
      const expired = await issuer.sign(key, { exp: 1 })
      const table = [
        [undefined, 'missing_token', 'Bearer realm="api"'],
        ['Basic YTpi', 'missing_token', 'Bearer realm="api"'],
        ['Bearer', 'missing_token', 'Bearer realm="api"'],
        ['Bearer x', 'malformed_token', 'Bearer realm="api", error="invalid_token"'],
        [`Bearer ${token} ${token}`, 'malformed_token', 'Bearer realm="api", error="invalid_token"'],
        [`Bearer ${token}, Bearer ${token}`, 'malformed_token', 'Bearer realm="api", error="invalid_token"'],
        [`Bearer ${token.slice(0, -4)}AAAA`, 'invalid_signature', 'Bearer realm="api", error="invalid_token"'],
        [`Bearer ${expired}`, 'expired', 'Bearer realm="api", error="invalid_token"'],
      ] as const
      for (const [authorization, code, challenge] of table) {
        const answer = await ask('/me', authorization)
        assert.equal(answer.status, 401, String(authorization))
        assert.equal(answer.headers.get('www-authenticate'), challenge, String(authorization))
        assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/)
        assert.partialDeepStrictEqual(await answer.json(), { status: 401, title: 'Unauthorized', code })
      }
      assert.deepEqual(
        refusals.map(({ code }) => code),
        table.map(([, code]) => code),
      )
    })

    it('lets nobody in as nobody where that is allowed, and a bad token nowhere', async () => {
      const nobody = await ask('/maybe')
      assert.deepEqual([nobody.status, await nobody.json()], [200, { subject: null }])
      const somebody = await ask('/maybe', `Bearer ${await issuer.sign(key)}`)
      assert.deepEqual([somebody.status, await somebody.json()], [200, { subject: 'a-subject' }])
      for (const bad of ['Bearer', 'Bearer x', 'Token a b']) assert.equal((await ask('/maybe', bad)).status, 401, bad)
    })

    it('asks whether somebody is staff, whatever a token says', async () => {
      const boastful = `Bearer ${await issuer.sign(key, { is_staff: true })}`
      const refused = await ask('/staff', boastful)
      assert.equal(refused.status, 403)
      assert.equal(refused.headers.get('www-authenticate'), 'Bearer realm="api", error="insufficient_scope"')
      assert.partialDeepStrictEqual(await refused.json(), { status: 403, code: 'not_staff' })
      isStaff = true
      assert.equal((await ask('/staff', boastful)).status, 200)
      issuer.introspect = () => ({ active: false })
      assert.equal((await ask('/staff', boastful)).status, 401)
    })

    it('answers 503 when nobody can say, and never lets anybody in', async () => {
      issuer.answer = (_, response) => response.writeHead(503, { 'retry-after': '9' }).end()
      const opaque = `Token ${'0123456789'.repeat(4)}`
      const answer = await ask('/me', opaque)
      assert.equal(answer.status, 503)
      assert.equal(answer.headers.get('retry-after'), '9')
      assert.equal(answer.headers.get('www-authenticate'), null)
      const text = await answer.text()
      assert.match(text, /"code":"unavailable"/)
      // The address is for the log.
      assert.ok(!text.includes(issuer.url), text)
      assert.match(refusals[0]?.message ?? '', /\/introspect answered 503/)
      assert.equal((await ask('/staff', opaque)).status, 503)
      assert.equal((await ask('/maybe', opaque)).status, 503)
    })
  })
}

describe('an adapter', () => {
  it('says at start what could only fail later', () => {
    const introspection = { clientId: 'svc_1', clientSecret: 'lks_1' }
    const asking = createVerifier({ issuer: 'https://auth.example.com', introspection })
    assert.throws(() => requireExpress(asking, { optional: true, requireStaff: true }), /choose one/)
    const verifier = createVerifier({ issuer: 'https://auth.example.com' })
    for (const require of [requireExpress, requireFastify, requireHono, authPlugin]) {
      assert.throws(() => require(verifier, { requireStaff: true }), /give createVerifier introspection/)
      assert.throws(() => require(verifier, { introspect: true }), TypeError)
      assert.throws(() => require(verifier, { realm: 'a"b' }), TypeError)
    }
  })

  it('reads a header of any length as quickly as it is long', () => {
    const spaces = ' '.repeat(300_000)
    const since = performance.now()
    for (const text of [`Bearer x${spaces}x`, `Bearer${spaces}x y`, `Bearer${spaces}\n`, `Bearer${spaces}`]) {
      assert.equal(readToken(text), text.slice('Bearer'.length).replace(/^ +/, ''))
    }
    assert.equal(readToken(`token  a b${spaces}`), 'a b')
    // Milliseconds; a pattern that backtracks takes minutes.
    assert.ok(performance.now() - since < 10_000)
  })

  it('has no identity for a request that nothing guards', () => {
    assert.throws(() => authOf({}), /requireAuth/)
    assert.throws(() => authOf({ auth: null }), /requireAuth/)
    assert.throws(() => authOf({ auth: { subject: 'x' } }), /requireAuth/)
  })
})

async function listen(listener: RequestListener): Promise<Ask> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return (path, authorization) =>
    fetch(`http://127.0.0.1:${port}${path}`, { headers: authorization === undefined ? {} : { authorization } })
}
