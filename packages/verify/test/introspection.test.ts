import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { createVerifier, type IntrospectionOptions, type VerifierOptions } from '../src/index.ts'
import { type FakeIssuer, type FakeKey, makeFakeKey, startFakeIssuer } from './kit/fake-issuer.ts'

const KEY = '0123456789abcdef0123456789abcdef01234567'

describe('introspection', () => {
  let issuer: FakeIssuer
  let signer: FakeKey
  let offset: number
  const asked = () => issuer.asked.get('/introspect') ?? 0
  before(async () => {
    issuer = await startFakeIssuer()
    signer = await makeFakeKey()
    issuer.keys = [signer.publicJwk]
  })
  beforeEach(() => {
    offset = 0
    issuer.answer = null
    issuer.asked.clear()
    issuer.introspect = () => ({ ...issuer.claims(), active: true, token_type: 'Bearer', email: 'ada@example.com' })
  })
  after(() => issuer.close())

  function verifier(options: Partial<VerifierOptions> = {}, introspection: Partial<IntrospectionOptions> = {}) {
    const own = { clientId: 'svc_1', clientSecret: 'lks_1', url: `${issuer.url}/introspect`, ...introspection }
    return createVerifier({ issuer: issuer.url, now: () => Date.now() + offset, introspection: own, ...options })
  }

  it('sends the client as RFC 6749 has it, and the token as a form', async () => {
    let seen: { authorization: string | undefined; body: string } | null = null
    issuer.answer = async (request, response) => {
      let body = ''
      for await (const chunk of request) body += String(chunk)
      seen = { authorization: request.headers.authorization, body }
      const json = { ...issuer.claims(), active: true, token_type: 'Bearer' }
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(json))
    }
    const { verify } = verifier({}, { clientId: 'a b:c', clientSecret: 'p%&ä' })
    await verify(KEY)
    const credentials = Buffer.from('a+b%3Ac:p%25%26%C3%A4').toString('base64')
    assert.deepEqual(seen, { authorization: `Basic ${credentials}`, body: `token=${KEY}` })
  })

  it('is asked each time, unless it may be believed for a while', async () => {
    const each = verifier()
    for (let round = 0; round < 3; round++) assert.equal((await each.verify(KEY)).email, 'ada@example.com')
    assert.equal(asked(), 3)
    const kept = verifier({}, { cacheSeconds: 10 })
    for (let round = 0; round < 3; round++) await kept.verify(KEY)
    assert.equal(asked(), 4)
    offset = 11_000
    issuer.introspect = () => ({ active: false })
    await assert.rejects(kept.verify(KEY), { code: 'inactive', status: 401 })
    await assert.rejects(kept.verify(KEY), { code: 'inactive' })
    assert.equal(asked(), 6)
  })

  it('is asked again where the clock was set back, which says nothing of how old an answer is', async () => {
    const kept = verifier({}, { cacheSeconds: 10 })
    await kept.verify(KEY)
    offset = -3_600_000
    issuer.introspect = () => ({ active: false })
    await assert.rejects(kept.verify(KEY), { code: 'inactive' })
  })

  it('is believed no longer than the token lives', async () => {
    const kept = verifier({ leewaySeconds: 0 }, { cacheSeconds: 3600 })
    await kept.verify(KEY)
    offset = 301_000
    await assert.rejects(kept.verify(KEY), { code: 'expired' })
    assert.equal(asked(), 2)
  })

  it('is asked about signed tokens where that is wanted: always, or for one request', async () => {
    const token = await issuer.sign(signer)
    await verifier().verify(token)
    assert.equal(asked(), 0)
    await verifier().verify(token, { introspect: true })
    assert.equal(asked(), 1)
    await verifier({}, { when: 'always' }).verify(token)
    assert.equal(asked(), 2)
    assert.equal(issuer.asked.get('/.well-known/jwks.json'), 1)
  })

  it('refuses what is not for this back end', async () => {
    const answers: Readonly<Record<string, object>> = {
      inactive: { active: false },
      not_an_access_token: { ...issuer.claims(), active: true, token_type: 'refresh_token' },
      wrong_issuer: { ...issuer.claims(), active: true, token_type: 'Bearer', iss: 'https://evil.example' },
      expired: { ...issuer.claims(), active: true, token_type: 'Bearer', exp: 1 },
      unavailable: { ...issuer.claims(), active: true, token_type: 'Bearer', sub: undefined },
    }
    for (const [code, answer] of Object.entries(answers)) {
      issuer.introspect = () => answer
      await assert.rejects(verifier().verify(KEY), { code })
    }
    for (const active of [undefined, null, 1, 'true']) {
      issuer.introspect = () => ({ ...issuer.claims(), active, token_type: 'Bearer' })
      await assert.rejects(verifier().verify(KEY), { code: 'unavailable' })
    }
    const strict = verifier({ audience: 'https://shop.example' })
    for (const aud of [undefined, 'https://other.example', ['https://other.example']]) {
      issuer.introspect = () => ({ ...issuer.claims(), active: true, token_type: 'Bearer', aud })
      await assert.rejects(strict.verify(KEY), { code: 'wrong_audience' })
    }
    for (const aud of ['https://shop.example', ['https://other.example', 'https://shop.example']]) {
      issuer.introspect = () => ({ ...issuer.claims(), active: true, token_type: 'Bearer', aud })
      assert.equal((await strict.verify(KEY)).subject, 'a-subject')
    }
  })

  it('is unavailable where this back end is refused, or anything but an answer comes', async () => {
    const { verify } = verifier({ timeoutSeconds: 0.3 })
    for (const status of [400, 401, 403, 404, 429, 500, 502]) {
      issuer.answer = (_, response) => response.writeHead(status, { 'content-type': 'application/json' }).end('{}')
      await assert.rejects(verify(KEY), { code: 'unavailable', status: 503 }, String(status))
    }
    issuer.answer = (_, response) => response.writeHead(307, { location: 'https://evil.example' }).end()
    await assert.rejects(verify(KEY), { code: 'unavailable' })
    issuer.answer = () => {}
    await assert.rejects(verify(KEY), { code: 'unavailable' })
    // The secret is in no message.
    issuer.answer = (_, response) => response.writeHead(401).end()
    await assert.rejects(verify(KEY), (error: Error) => !error.message.includes('lks_1'))
  })

  it('has 200 questions under way at most, and goes on when they are answered', async () => {
    const { promise: gate, resolve: open } = Promise.withResolvers<void>()
    issuer.answer = async (_request, response) => {
      await gate
      const json = { ...issuer.claims(), active: true, token_type: 'Bearer' }
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(json))
    }
    const { verify } = verifier({ timeoutSeconds: 60 })
    const outcomes = Array.from({ length: 300 }, () =>
      verify(KEY).then(
        () => 'verified',
        ({ code }: { code: string }) => code,
      ),
    )
    // Nothing else is answered before the gate is open.
    assert.deepEqual(
      await Promise.all(outcomes.slice(200)),
      Array.from({ length: 100 }, () => 'unavailable'),
    )
    open()
    assert.deepEqual(
      await Promise.all(outcomes.slice(0, 200)),
      Array.from({ length: 200 }, () => 'verified'),
    )
    await verify(KEY)
  })

  it('is needed for a key, and for a token whose secret the server alone has; without it they are refused', async () => {
    const { verify } = createVerifier({ issuer: issuer.url })
    const text = [{ alg: 'HS256', typ: 'JWT' }, issuer.claims()].map((part) =>
      Buffer.from(JSON.stringify(part)).toString('base64url'),
    )
    const shared = `${text.join('.')}.AAAA`
    for (const token of [KEY, shared]) {
      await assert.rejects(verify(token), { code: 'malformed_token', message: /introspection/ })
      assert.equal((await verifier().verify(token)).subject, 'a-subject')
    }
    assert.equal(asked(), 2)
  })
})

describe('the options', () => {
  it('are refused where they cannot be meant', () => {
    const issuer = 'https://auth.example.com'
    const introspection = { clientId: 'a', clientSecret: 'b' }
    const table: readonly Record<string, unknown>[] = [
      { issuer: 'auth.example.com' },
      { issuer: 'http://auth.example.com' },
      { issuer: 'http://127.0.0.1.evil.example' },
      { issuer: 'http://localhost.evil.example' },
      { issuer: 'ftp://auth.example.com' },
      { issuer: 'https://user:password@auth.example.com' },
      { issuer, jwksUri: 'http://auth.example.com/keys' },
      { issuer, jwksUri: '/keys' },
      { issuer, audience: '' },
      { issuer, algorithms: [] },
      { issuer, algorithms: ['HS256'] },
      { issuer, algorithms: ['none'] },
      { issuer, leewaySeconds: Number.NaN },
      { issuer, leewaySeconds: -1 },
      { issuer, timeoutSeconds: 0 },
      { issuer, introspection: { ...introspection, clientSecret: '' } },
      { issuer, introspection: { ...introspection, url: 'http://auth.example.com/introspect' } },
      { issuer, introspection: { ...introspection, cacheSeconds: -1 } },
      { issuer, introspection: { ...introspection, when: 'never' } },
    ]
    for (const options of table) {
      assert.throws(() => createVerifier(options as VerifierOptions), TypeError, JSON.stringify(options))
    }
    for (const good of [issuer, 'http://localhost:8000', 'http://127.0.0.1:8000', 'http://[::1]:8000']) {
      createVerifier({ issuer: good, introspection })
    }
    createVerifier({ issuer, jwksUri: 'http://latchkey:8000/.well-known/jwks.json', allowHttp: true })
  })
})
