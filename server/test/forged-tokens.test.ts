import assert from 'node:assert/strict'
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { after, before, describe, it } from 'node:test'
import { createSealing } from '../src/crypto/sealing.ts'
import { LOCAL, openEveryKind, PASSWORD } from './kit/clients.ts'
import { type Forger, forgeTokens, resign } from './kit/forgeries.ts'
import { faults } from './kit/frame.ts'
import { LIGHT_HASHING } from './kit/hashing.ts'
import { startTestApp, type TestApp } from './kit/start-test-app.ts'
import { findTaken, PLACES } from './kit/token-places.ts'
import { send } from './kit/wire.ts'

const SECRET = 'a secret that only tests have, 32+ long'

describe('a forged token', () => {
  let test: TestApp
  let tokens: Awaited<ReturnType<typeof openEveryKind>>
  let forger: Omit<Forger, 'token'>
  const calls: unknown[] = []
  // Once it is known what kind of connection it is.
  const note = (message: unknown) => queueMicrotask(() => isOverNetwork(message) && calls.push(message))
  before(async () => {
    test = await startTestApp({ config: LIGHT_HASHING, secret: SECRET })
    const authenticated = await test.core.register({ email: 'ada@example.com', password: PASSWORD }, LOCAL)
    tokens = await openEveryKind(test.core, authenticated)
    const [stored] = await test.store.listKeys()
    const jwk = createSealing(SECRET).open(stored?.sealedPrivateJwk ?? '', 'signing-key')
    const privateKey = createPrivateKey({ key: JSON.parse(jwk), format: 'jwk' })
    const publicKey = createPublicKey({ key: JSON.parse(stored?.publicJwk ?? '{}'), format: 'jwk' })
    forger = { privateKey, publicKey, now: Math.floor(Date.now() / 1000) }
    subscribe('net.client.socket', note)
    subscribe('undici:request:create', note)
  })
  after(async () => {
    unsubscribe('net.client.socket', note)
    unsubscribe('undici:request:create', note)
    await test.close()
  })

  it('is told from a real one, which is taken: also what we sign here by hand', async () => {
    for (const token of [tokens.access, tokens.jwt, tokens.key, resign({ ...forger, token: tokens.access }, {})]) {
      const { status } = await send(test, {
        method: 'GET',
        path: '/v1/session',
        headers: { authorization: `Bearer ${token}` },
      })
      assert.equal(status, 200)
    }
    for (const token of [tokens.refresh, resign({ ...forger, token: tokens.refresh }, {})]) {
      const answer = await send(test, { method: 'POST', path: '/api/users/token/refresh/', json: { refresh: token } })
      assert.equal(answer.status, 200)
    }
  })

  for (const name of Object.keys(forgeTokens(example()))) {
    it(`with ${name} is refused wherever tokens are taken`, async () => {
      for (const token of [tokens.access, tokens.refresh]) {
        const forged = forgeTokens({ ...forger, token })[name] ?? []
        assert.ok(forged.length > 0)
        for (const text of forged) assert.deepEqual(await findTaken(test, text), [], text.slice(0, 300))
      }
    })
  }

  it('is not made of a refresh token used for access, nor of an access token used to refresh', async () => {
    for (const { name, status, request } of PLACES) {
      if (name.includes('verify')) continue
      const isRefreshing = name.includes('/token/') || name.includes('/refresh')
      for (const token of isRefreshing ? [tokens.access, tokens.jwt, tokens.key] : [tokens.refresh]) {
        assert.equal((await send(test, request(token))).status, status, name)
      }
    }
  })

  it('is not made of one that ends later than its session does', async () => {
    const own = await startTestApp({ config: LIGHT_HASHING, secret: SECRET })
    const authenticated = await own.core.register({ email: 'ada@example.com', password: PASSWORD }, LOCAL)
    const { access, refresh } = await openEveryKind(own.core, authenticated)
    const [stored] = await own.store.listKeys()
    const jwk = createSealing(SECRET).open(stored?.sealedPrivateJwk ?? '', 'signing-key')
    const privateKey = createPrivateKey({ key: JSON.parse(jwk), format: 'jwk' })
    const far = { exp: forger.now + 1_000_000 }
    own.advance(1_001_000)
    for (const [token, request] of [
      [access, { method: 'GET', path: '/v1/session', headers: { authorization: 'Bearer {{access}}' } }],
      [refresh, { method: 'POST', path: '/api/users/token/refresh/', json: { refresh: '{{access}}' } }],
      [refresh, { method: 'POST', path: '/api/users/token/verify/', json: { token: '{{access}}' } }],
    ] as const) {
      assert.equal((await send(own, request, { access: resign({ token, privateKey }, far) })).status, 401)
    }
    await own.close()
  })

  it('is not made of one of another instance, though its issuer has the same name', async () => {
    const other = await startTestApp({ config: LIGHT_HASHING, secret: SECRET })
    const authenticated = await other.core.register({ email: 'ada@example.com', password: PASSWORD }, LOCAL)
    for (const token of Object.values(await openEveryKind(other.core, authenticated))) {
      assert.deepEqual(await findTaken(test, token), [])
    }
    await other.close()
  })

  it('is not made of one of an account that is gone', async () => {
    const authenticated = await test.core.register({ email: 'gone@example.com', password: PASSWORD }, LOCAL)
    const held = await openEveryKind(test.core, authenticated)
    await test.store.deleteAccount(authenticated.account.id)
    for (const token of Object.values(held)) assert.deepEqual(await findTaken(test, token), [])
  })

  it('made nobody connect to anywhere, and was no fault', () => {
    assert.deepEqual(calls, [])
    assert.deepEqual(faults(test), [])
  })
})

/** PostgreSQL is asked through a socket on this machine's disk; everything else would be somewhere else. */
function isOverNetwork(message: unknown): boolean {
  const { socket } = message as { socket?: { _handle?: object | null } }
  return socket?._handle?.constructor.name !== 'Pipe'
}

/** Only to know the names before there is an app. */
function example(): Forger {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const part = Buffer.from('{}').toString('base64url')
  return { token: `${part}.${part}.${'A'.repeat(86)}`, ...keys, now: 0 }
}
