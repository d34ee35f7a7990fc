import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync, type webcrypto } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { forgeTokens } from '../../../server/test/kit/forgeries.ts'
import { makeDirectory } from '../../../server/test/kit/server-process.ts'
import { createVerifier, type Identity, TokenError, type Verifier } from '../src/index.ts'
import { type Latchkey, type SignedIn, signOut, startLatchkey } from './kit/start-latchkey.ts'

describe('a verifier of a real Latchkey', () => {
  let latchkey: Latchkey
  let tokens: SignedIn
  /** By the public keys alone. */
  let offline: Verifier
  /** With introspection for what needs it. */
  let both: Verifier
  let always: Verifier
  before(async () => {
    const secret = join(makeDirectory(), 'shared-secret')
    writeFileSync(secret, 'what a Django signs with as well, 32+ long', { mode: 0o600 })
    latchkey = await startLatchkey({ LATCHKEY_DRF_JWT_HS256_SECRET_FILE: secret })
    tokens = await latchkey.signIn()
    const introspection = await latchkey.createService('a-back-end')
    offline = createVerifier({ issuer: latchkey.url })
    both = createVerifier({ issuer: latchkey.url, introspection })
    always = createVerifier({ issuer: latchkey.url, introspection: { ...introspection, when: 'always' } })
    // It takes five seconds, in which everything else here goes on.
    await latchkey.run('keys', 'rotate', '--in', '5s')
  })
  after(() => latchkey.stop())

  it('tells whose every access token is, whatever door gave it', async () => {
    const { drfJwt, expressJwt, access, v1, key } = tokens
    const subjects = new Set<string>()
    for (const token of [expressJwt, access, v1]) {
      for (const { verify } of [offline, both, always]) subjects.add((await verify(token)).subject)
    }
    // The second is signed with a shared secret, which no verifier has.
    for (const token of [key, drfJwt]) {
      for (const { verify } of [both, always]) subjects.add((await verify(token)).subject)
      await assert.rejects(offline.verify(token), { code: 'malformed_token', message: /introspection/ })
    }
    assert.equal(subjects.size, 1)
    assert.match([...subjects].join(), /^[0-9a-f-]{36}$/)
  })

  it('tells the same of a token by the keys as by asking, and by asking what may change besides', async () => {
    for (const token of [tokens.expressJwt, tokens.access]) {
      const [byKeys, byAsking] = [await offline.verify(token), await both.verify(token, { introspect: true })]
      const common = ({ subject, sessionId, userId, expiresAt }: Identity) => ({
        subject,
        sessionId,
        userId,
        expiresAt,
      })
      assert.deepEqual(common(byKeys), common(byAsking))
      assert.equal(byKeys.email, undefined)
      assert.deepEqual([byAsking.email, byAsking.isStaff], ['ada@example.com', false])
    }
    const [byKeys, byAsking] = [await offline.verify(tokens.v1), await always.verify(tokens.v1)]
    assert.equal(byKeys.sessionId, byAsking.sessionId)
    assert.equal(byKeys.claims.aud, latchkey.url)
    assert.deepEqual([byKeys.userId, byAsking.userId], [undefined, 1])
  })

  it('refuses refresh tokens, by the keys and by asking', async () => {
    for (const token of [tokens.refresh, tokens.v1Refresh]) {
      await assert.rejects(offline.verify(token), { code: 'not_an_access_token', status: 401 })
      await assert.rejects(always.verify(token), { status: 401 })
    }
  })

  it('knows audience, issuer and time', async () => {
    const { url } = latchkey
    const forMe = createVerifier({ issuer: url, audience: url })
    assert.equal((await forMe.verify(tokens.v1)).claims.aud, url)
    await assert.rejects(forMe.verify(tokens.access), { code: 'wrong_audience' })
    const other = createVerifier({ issuer: url, audience: 'https://shop.example' })
    await assert.rejects(other.verify(tokens.v1), { code: 'wrong_audience' })
    const elsewhere = { issuer: 'https://auth.example.com', jwksUri: `${url}/.well-known/jwks.json` }
    await assert.rejects(createVerifier(elsewhere).verify(tokens.access), { code: 'wrong_issuer' })
    const at = (seconds: number) => createVerifier({ issuer: url, now: () => Date.now() + seconds * 1000 })
    assert.ok((await at(200).verify(tokens.access)).expiresAt > Date.now())
    await assert.rejects(at(310).verify(tokens.access), { code: 'expired' })
  })

  it('takes no forgery, and lets none of them cause a request that cannot help', async () => {
    const [head = ''] = tokens.access.split('.')
    const { kid } = JSON.parse(Buffer.from(head, 'base64url').toString())
    const published = (await (await fetch(`${latchkey.url}/.well-known/jwks.json`)).json()) as {
      keys: webcrypto.JsonWebKey[]
    }
    const jwk = published.keys.find((key) => 'kid' in key && key.kid === kid)
    assert.ok(jwk !== undefined)
    const forgeries = forgeTokens({
      token: tokens.access,
      publicKey: createPublicKey({ key: jwk, format: 'jwk' }),
      // The server's own is out of reach: whatever is made up here is signed by another.
      privateKey: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
      now: Math.floor(Date.now() / 1000),
    })
    const expected = await offline.verify(tokens.access)
    let refused = 0
    const attempts = Object.entries(forgeries).flatMap(([name, list]) => list.map((token) => ({ name, token })))
    const judged = await Promise.allSettled(attempts.map(({ token }) => offline.verify(token)))
    for (const [index, result] of judged.entries()) {
      const name = attempts[index]?.name ?? ''
      if (result.status === 'rejected') {
        refused++
        assert.ok(result.reason instanceof TokenError, `${name}: ${result.reason}`)
      } else {
        // With it the very bytes that were signed are signed again: it says what the token says.
        assert.equal(name, 'the other signature of two', attempts[index]?.token ?? '')
        assert.deepEqual(result.value, expected)
      }
    }
    assert.ok(refused > 150, `only ${refused} were refused`)
  })

  it('feels a logout at once by asking, and by the keys alone when the token has run out', async () => {
    const { access, key } = await latchkey.signIn()
    await both.verify(key)
    await signOut(latchkey, access)
    await signOut(latchkey, key)
    await assert.rejects(always.verify(access), { code: 'inactive' })
    await assert.rejects(both.verify(key), { code: 'inactive' })
    await assert.rejects(both.verify(access, { introspect: true }), { code: 'inactive' })
    assert.equal((await offline.verify(access)).subject, (await offline.verify(tokens.access)).subject)
  })

  it('takes the tokens of the old key and the new one during a rotation, without one false refusal', async () => {
    const kidOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid
    const before = kidOf(tokens.access)
    for (const since = performance.now(); ; ) {
      const { access } = await latchkey.signIn()
      await offline.verify(access)
      await both.verify(tokens.access)
      if (kidOf(access) !== before) break
      assert.ok(performance.now() - since < 60_000, 'the new key never signed')
      await new Promise((resolve) => setTimeout(resolve, 250))
    }
    await offline.verify(tokens.access)
  })

  it('goes on with the keys it has while the server is down, and says of keys that nobody can tell', async () => {
    await offline.verify(tokens.access)
    await latchkey.stop()
    assert.equal((await offline.verify(tokens.access)).userId, 1)
    await assert.rejects(both.verify(tokens.key), { code: 'unavailable', status: 503 })
    await assert.rejects(always.verify(tokens.access), { code: 'unavailable', status: 503 })
    const newcomer = createVerifier({ issuer: latchkey.url })
    await assert.rejects(newcomer.verify(tokens.access), { code: 'unavailable', status: 503 })
    await latchkey.start()
    assert.equal((await both.verify(tokens.key)).email, 'ada@example.com')
  })
})
