import assert from 'node:assert/strict'
import { createPublicKey, verify } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { SIGNING_ALGORITHMS } from '../src/core/signing-key.ts'
import { startServer } from '../src/start.ts'
import { LOCAL, openEveryKind, PASSWORD } from './kit/clients.ts'
import { LIGHT_HASHING } from './kit/hashing.ts'
import { newKey } from './kit/new-rows.ts'
import { createSharedDatabase } from './kit/postgres.ts'
import { startTestApp, type TestApp } from './kit/start-test-app.ts'
import { send, type WireAnswer } from './kit/wire.ts'
import { until } from './kit/worker-processes.ts'

const JWKS = '/.well-known/jwks.json'
const MINUTE = 60_000
const DAY = 86_400_000

type Jwks = { keys: readonly Readonly<Record<string, string>>[] }

describe('the keys of a server', () => {
  let test: TestApp
  before(async () => {
    test = await startTestApp({ config: LIGHT_HASHING })
    await test.core.register({ email: 'ada@example.com', password: PASSWORD }, LOCAL)
  })
  after(() => test.close())

  it('are published without their private halves, to be kept for five minutes, and for pages of any origin', async () => {
    const answer = await send(test, { method: 'GET', path: JWKS })
    assert.equal(answer.status, 200)
    assert.equal(answer.headers['cache-control'], 'public, max-age=300, must-revalidate')
    assert.match(answer.headers['content-type'] ?? '', /^application\/json/)
    const [key, ...others] = keysOf(answer)
    assert.deepEqual(others, [])
    assert.deepEqual(Object.keys(key ?? {}).sort(), ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'])
    assert.deepEqual([key?.use, key?.alg], ['sig', 'ES256'])
  })

  it('need not be sent again to whoever has them, and HEAD says as much as GET', async () => {
    const { headers } = await send(test, { method: 'GET', path: JWKS })
    const { etag = '' } = headers
    const again = await send(test, { method: 'GET', path: JWKS, headers: { 'if-none-match': etag } })
    assert.deepEqual([again.status, again.text, again.headers.etag], [304, '', etag])
    const head = await send(test, { method: 'HEAD', path: JWKS })
    assert.deepEqual([head.status, head.text, head.headers.etag], [200, '', etag])
    const post = await send(test, { method: 'POST', path: JWKS })
    assert.deepEqual([post.status, post.headers.allow], [405, 'GET, HEAD'])
  })

  it('follow each other: the next is published ten minutes before it signs, the last stays while its tokens live', async () => {
    const first = await signingKid()
    const old = await signIn()
    const { isAdded, keys } = await test.core.administration.rotateKeys({ lead: 10 * MINUTE })
    assert.ok(isAdded)
    const next = keys.find(({ state }) => state === 'next')?.kid ?? ''
    assert.deepEqual(await published(), [next, first])
    assert.equal((await test.core.administration.rotateKeys({ lead: 10 * MINUTE })).isAdded, false)
    assert.equal(kidOf((await signIn()).access), first)

    test.advance(10 * MINUTE)
    const young = await signIn()
    assert.deepEqual([kidOf(young.jwt), kidOf(young.access), kidOf(young.refresh)], [next, next, next])
    assert.deepEqual(await published(), [next, first])
    assert.equal(await statusOf(old.jwt), 200)
    assert.equal(await statusOf(young.jwt), 200)

    await test.core.keepKeys({ days: 0, since: 0 })
    assert.deepEqual(await published(), [next, first])
    // The longest that the settings allow: 60 days.
    test.advance(60 * DAY + 2 * MINUTE)
    assert.deepEqual(await published(), [next])
    assert.deepEqual(await test.core.keepKeys({ days: 0, since: 0 }), { added: 0, removed: 1 })
    assert.equal((await test.store.listKeys()).length, 1)
  })

  it('take their tokens along when they are revoked, and another signs at once', async () => {
    const { refresh, ...dead } = await signIn()
    const kid = kidOf(dead.access)
    const outcome = await test.core.administration.revokeKey(kid)
    // Of the three logins, those two have signed tokens whose session is alive.
    assert.equal(outcome?.sessions, 2)
    for (const token of [dead.jwt, dead.access]) assert.equal(await statusOf(token), 401)
    const refreshed = await send(test, { method: 'POST', path: '/api/users/token/refresh/', json: { refresh } })
    assert.equal(refreshed.status, 401)
    assert.equal(await statusOf(dead.key), 200)
    const young = await signIn()
    assert.notEqual(kidOf(young.access), kid)
    assert.equal(await statusOf(young.access), 200)
    assert.deepEqual(await published(), [kidOf(young.access)])
    assert.equal(await test.core.administration.revokeKey(kid), null)
  })

  it('are followed after so many days by one key, however many processes look after them', async () => {
    const before = await signingKid()
    const keep = () => test.core.keepKeys({ days: 30, since: 0 })
    test.advance(29 * DAY)
    assert.equal((await keep()).added, 0)
    test.advance(DAY)
    const outcomes = await Promise.all(Array.from({ length: 8 }, keep))
    assert.equal(
      outcomes.reduce((sum, { added }) => sum + added, 0),
      1,
    )
    assert.equal(kidOf((await signIn()).access), before)
    test.advance(10 * MINUTE)
    assert.notEqual(kidOf((await signIn()).access), before)
    assert.equal((await keep()).added, 0)
  })

  it('are told of in the audit log, with who did it and why', async () => {
    const told = test.audit
      .filter(({ type }) => type.startsWith('signing_key_'))
      .map(({ type, actor, detail }) => [type, actor, detail?.why])
    assert.deepEqual(told, [
      ['signing_key_added', 'operator', 'operator'],
      ['signing_key_removed', 'server', undefined],
      ['signing_key_revoked', 'operator', undefined],
      ['signing_key_added', 'operator', 'revocation'],
      ['signing_key_added', 'server', 'age'],
    ])
  })

  it('take along at once also what is checked while they are revoked, by keys that were read before', async () => {
    const { administration } = test.core
    await administration.rotateKeys({ lead: 10 * MINUTE })
    const { access } = await signIn()
    await test.core.checkAccess(access, LOCAL)
    assert.ok(test.core.recallAccess(access) !== null)
    // What `administration.revokeKey` does first. Whether the token is still taken depends on when keys were read last.
    await test.store.revokeKey(kidOf(access), { replacement: newKey(), now: Date.now() })
    await test.core.checkAccess(access, LOCAL).catch(() => {})
    assert.equal(test.core.recallAccess(access), null)
  })

  async function signIn() {
    const authenticated = await test.core.authenticate({
      identifier: 'ada@example.com',
      password: PASSWORD,
      kinds: ['email'],
      client: LOCAL,
    })
    return openEveryKind(test.core, authenticated)
  }

  async function published(): Promise<readonly (string | undefined)[]> {
    return keysOf(await send(test, { method: 'GET', path: JWKS })).map(({ kid }) => kid)
  }

  async function signingKid(): Promise<string> {
    const keys = await test.core.administration.listSigningKeys()
    return keys.find(({ state }) => state === 'signing')?.kid ?? ''
  }

  async function statusOf(token: string): Promise<number> {
    const headers = { authorization: `Bearer ${token}` }
    return (await send(test, { method: 'GET', path: '/v1/session', headers })).status
  }
})

describe('an algorithm that is set', () => {
  for (const algorithm of SIGNING_ALGORITHMS) {
    it(`${algorithm}, is that of the first key, and others can check its tokens by what is published`, async () => {
      const config = { ...LIGHT_HASHING, signingAlgorithm: algorithm, audience: 'https://api.example.com' }
      const test = await startTestApp({ config })
      const authenticated = await test.core.register({ email: 'ada@example.com', password: PASSWORD }, LOCAL)
      const { access } = await openEveryKind(test.core, authenticated)
      const [key = {}] = keysOf(await send(test, { method: 'GET', path: JWKS }))
      assert.equal(key.alg, algorithm)
      assert.ok(Object.keys(key).every((name) => !['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'].includes(name)))
      const [head, body, signature = ''] = access.split('.')
      const checked = verify(
        algorithm === 'EdDSA' ? null : 'sha256',
        Buffer.from(`${head}.${body}`),
        { key: createPublicKey({ key, format: 'jwk' }), dsaEncoding: 'ieee-p1363' },
        Buffer.from(signature, 'base64url'),
      )
      assert.ok(checked)
      await test.close()
    })
  }

  it('anew is that of the next key, of which processes that start at once add one', async () => {
    const database = await createSharedDatabase()
    const test = await startTestApp({ databaseUrl: database.url, config: LIGHT_HASHING })
    const config = { ...LIGHT_HASHING, signingAlgorithm: 'EdDSA' } as const
    const open = () => startTestApp({ databaseUrl: database.url, config })
    const others = await Promise.all([open(), open(), open()])
    const since = Date.now()
    const outcomes = await Promise.all(others.map(({ core }) => core.keepKeys({ days: 0, since })))
    assert.equal(
      outcomes.reduce((sum, { added }) => sum + added, 0),
      1,
    )
    const keys = await test.core.administration.listSigningKeys()
    assert.deepEqual(
      keys.map(({ algorithm, state }) => [algorithm, state]),
      [
        ['EdDSA', 'next'],
        ['ES256', 'signing'],
      ],
    )
    test.advance(10 * MINUTE)
    // A process that began before, with the setting before, leaves it.
    assert.equal((await test.core.keepKeys({ days: 0, since: since - 1000 })).added, 0)
    for (const each of [...others, test]) await each.close()
    await database.drop()
  })

  it('anew is followed by a server as soon as it starts', async () => {
    const database = await createSharedDatabase()
    const test = await startTestApp({ databaseUrl: database.url, config: LIGHT_HASHING })
    const config = { ...test.config, signingAlgorithm: 'RS256', port: 0, logLevel: 'silent' } as const
    const server = await startServer(config)
    const next = await until(
      async () => (await test.core.administration.listSigningKeys()).find(({ state }) => state === 'next') ?? null,
      'no key was added',
    )
    assert.equal(next?.algorithm, 'RS256')
    await server.stop()
    await test.close()
    await database.drop()
  })

  it('makes keys that a library takes from the address where they are published', async () => {
    const test = await startTestApp({ config: { ...LIGHT_HASHING, audience: 'api' } })
    const authenticated = await test.core.register({ email: 'ada@example.com', password: PASSWORD }, LOCAL)
    const { access } = await openEveryKind(test.core, authenticated)
    const url = await test.app.listen({ host: '127.0.0.1', port: 0 })
    const keys = createRemoteJWKSet(new URL(JWKS, url))
    const { payload } = await jwtVerify(access, keys, { issuer: test.config.publicUrl, audience: 'api' })
    assert.equal(payload.sub, authenticated.account.subject)
    await test.close()
  })
})

function keysOf({ json }: WireAnswer): Jwks['keys'] {
  return (json as Jwks).keys
}

function kidOf(token: string): string {
  return JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid
}
