import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { createVerifier, TokenError, type VerifierOptions } from '../src/index.ts'
import { type FakeIssuer, type FakeKey, makeFakeKey, startFakeIssuer } from './kit/fake-issuer.ts'

const KEYS = '/.well-known/jwks.json'
const METADATA = '/.well-known/oauth-authorization-server'

describe('the public keys', () => {
  let issuer: FakeIssuer
  let key: FakeKey
  let next: FakeKey
  let offset: number
  before(async () => {
    issuer = await startFakeIssuer()
    key = await makeFakeKey()
    next = await makeFakeKey()
  })
  beforeEach(() => {
    issuer.keys = [key.publicJwk]
    issuer.headers = { 'cache-control': 'public, max-age=300, must-revalidate' }
    issuer.metadata = null
    issuer.answer = null
    issuer.asked.clear()
    offset = 0
  })
  after(() => issuer.close())

  const verifier = (options: Partial<VerifierOptions> = {}) =>
    createVerifier({ issuer: issuer.url, now: () => Date.now() + offset, ...options })

  /** A token that is good whatever the clock of the test says. */
  const token = (signer = key) => issuer.sign(signer, { exp: 4_102_444_800 })

  it('are fetched once for all who ask first at the same moment', async () => {
    const { verify } = verifier()
    const good = await token()
    await Promise.all(Array.from({ length: 50 }, () => verify(good)))
    assert.equal(issuer.asked.get(KEYS), 1)
    assert.equal(issuer.asked.get(METADATA), 1)
  })

  it('are kept as long as their answer says, and no longer', async () => {
    const { verify } = verifier()
    const good = await token()
    await verify(good)
    offset = 299_000
    await verify(good)
    assert.equal(issuer.asked.get(KEYS), 1)
    offset = 301_000
    await Promise.all(Array.from({ length: 20 }, () => verify(good)))
    assert.equal(issuer.asked.get(KEYS), 2)
  })

  it('stop being believed when they are no longer published: an emergency is felt when the answer has run out', async () => {
    const { verify } = verifier()
    const good = await token()
    await verify(good)
    issuer.keys = [next.publicJwk]
    await verify(good)
    offset = 301_000
    await assert.rejects(verify(good), { code: 'unknown_key', status: 401 })
    await verify(await token(next))
  })

  it('are fetched again where the clock was set back, which says nothing of how old they are', async () => {
    const { verify } = verifier({ staleSeconds: 600 })
    const good = await token()
    offset = 86_400_000
    await verify(good)
    offset = 0
    issuer.answer = (_request, response) => response.writeHead(500).end()
    await verify(good)
    assert.equal(issuer.asked.get(KEYS), 2)
    offset = 601_000
    await assert.rejects(verify(good), { code: 'unavailable' })
  })

  it('are looked at once more for all tokens that name an unknown one', async () => {
    const { verify } = verifier()
    await verify(await token())
    issuer.keys = [key.publicJwk, next.publicJwk]
    const fresh = await token(next)
    const identities = await Promise.all(Array.from({ length: 20 }, () => verify(fresh)))
    assert.equal(new Set(identities.map(({ subject }) => subject)).size, 1)
    assert.equal(issuer.asked.get(KEYS), 2)
  })

  it('are not fetched for each of a thousand made-up names, and those who wait for a new key get it all the same', async () => {
    const { verify } = verifier()
    await verify(await token())
    issuer.keys = [key.publicJwk, next.publicJwk]
    const fresh = verify(await token(next))
    const forged = await Promise.all(
      Array.from({ length: 1000 }, (_, index) => issuer.sign({ ...next, kid: `made-up-${index}` })),
    )
    const attempts: Promise<string>[] = []
    // In forty waves, each of which finds the answer to the one before.
    for (let wave = 0; wave < 40; wave++) {
      const some = forged.slice(wave * 25, wave * 25 + 25)
      const judge = (forgery: string) => verify(forgery).then(() => 'taken', codeOf)
      attempts.push(...some.map(judge))
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    const codes = await Promise.all(attempts)
    // Whoever waited was told; who found no room was not called a forger, since that was not known.
    assert.deepEqual([...new Set(codes)].sort(), ['unavailable', 'unknown_key'])
    assert.equal((await fresh).subject, 'a-subject')
    assert.ok((issuer.asked.get(KEYS) ?? 0) <= 10, `${issuer.asked.get(KEYS)} requests`)
  })

  it('cause no request for a token that is refused without them', async () => {
    const { verify } = verifier()
    const good = await token()
    for (const bad of ['', 'x', 'a.b.c', `${good}.`, 'f'.repeat(40), `${good}${'x'.repeat(5000)}`]) {
      await assert.rejects(verify(bad), { status: 401 })
    }
    await assert.rejects(verify(await issuer.sign(key, {}, { typ: 'other' })), { code: 'malformed_token' })
    assert.deepEqual([...issuer.asked], [])
  })

  it('go on while the issuer is down, for as long as the options say, and nobody is let in after that', async () => {
    const { verify } = verifier({ staleSeconds: 600 })
    const good = await token()
    await verify(good)
    issuer.answer = (_request, response) => response.writeHead(500).end()
    offset = 301_000
    await verify(good)
    await assert.rejects(verify(await token(next)), { code: 'unavailable', status: 503 })
    offset = 880_000
    await verify(good)
    offset = 901_000
    await assert.rejects(verify(good), { code: 'unavailable', status: 503 })
  })

  it('are waited for by one request where the issuer hangs, and the others go on with those they have', async () => {
    let held = 0
    const { verify } = verifier({
      timeoutSeconds: 60,
      // Only what is held is given up: on a busy machine anything else may take its time.
      fetch: (input, init = {}) =>
        fetch(input, issuer.answer === null ? init : { ...init, signal: AbortSignal.timeout(300) }),
    })
    const good = await token()
    await verify(good)
    issuer.answer = () => held++
    offset = 301_000
    await verify(good)
    assert.equal(held, 1)
    for (let round = 0; round < 20; round++) await verify(good)
    assert.ok(held < 5, `${held} requests were made`)
  })

  it('are unavailable where the issuer never answered, is no server, or tells something else', async () => {
    const good = await token()
    const answers: Readonly<Record<string, FakeIssuer['answer']>> = {
      'an error': (_, response) => response.writeHead(503, { 'retry-after': '7' }).end(),
      'no JSON': (_, response) => response.end('<html>'),
      'other JSON': (_, response) => response.end('{"keys":7}'),
      'half an answer': (_, response) => {
        response.writeHead(200, { 'content-length': '100' })
        response.write('{"keys":', () => response.destroy())
      },
      'an answer without end': (_, response) => {
        const more = () => response.write('x'.repeat(65_536), (error) => error ?? setImmediate(more))
        more()
      },
      'another place': (_, response) => response.writeHead(302, { location: `${issuer.url}/elsewhere` }).end(),
      silence: () => {},
    }
    for (const [name, answer] of Object.entries(answers)) {
      issuer.answer = answer
      const timeoutSeconds = name === 'silence' ? 0.3 : 60
      const { verify } = verifier({ timeoutSeconds, jwksUri: `${issuer.url}${KEYS}` })
      const retryAfter = name === 'an error' ? 7 : 5
      await assert.rejects(verify(good), (error: TokenError) => {
        assert.deepEqual([error.code, error.status, error.retryAfter], ['unavailable', 503, retryAfter], name)
        if (name === 'an answer without end') assert.match(String(error.cause), /longer than/)
        return true
      })
    }
    assert.equal(issuer.asked.get('/elsewhere'), undefined)
    const nobody = createVerifier({ issuer: issuer.url, jwksUri: 'http://127.0.0.1:1/keys' })
    await assert.rejects(nobody.verify(good), { code: 'unavailable', status: 503 })
  })

  it('are tried again soon after they were unavailable', async () => {
    const { verify } = verifier()
    const good = await token()
    issuer.answer = (_, response) => response.writeHead(500).end()
    await assert.rejects(verify(good), { code: 'unavailable' })
    issuer.answer = null
    for (const since = performance.now(); performance.now() - since < 60_000; ) {
      try {
        return assert.equal((await verify(good)).subject, 'a-subject')
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    }
    assert.fail('It never asked again.')
  })

  it('are found by the metadata of the issuer, which speaks for nobody else and of no other place', async () => {
    const good = await token()
    issuer.metadata = { issuer: issuer.url, jwks_uri: `${issuer.url}/elsewhere` }
    await assert.rejects(verifier().verify(good), { code: 'unavailable' })
    assert.equal(issuer.asked.get('/elsewhere'), 1)
    issuer.metadata = { issuer: issuer.url, jwks_uri: `${issuer.url}${KEYS}` }
    await verifier().verify(good)
    issuer.metadata = { issuer: 'https://evil.example', jwks_uri: `${issuer.url}${KEYS}` }
    await assert.rejects(verifier().verify(good), { code: 'unavailable' })
    issuer.metadata = { issuer: issuer.url, jwks_uri: 'https://evil.example/keys' }
    await assert.rejects(verifier().verify(good), { code: 'unavailable', message: /jwks_uri/ })
  })

  it('are of the algorithms that Latchkey signs with, and each is good for its own', async () => {
    const others = await Promise.all([makeFakeKey('EdDSA'), makeFakeKey('RS256')])
    issuer.keys = [key, ...others].map(({ publicJwk }) => publicJwk)
    const { verify } = verifier()
    for (const signer of [key, ...others]) assert.equal((await verify(await token(signer))).subject, 'a-subject')
    const [edwards, rivest] = others
    const forged = await issuer.sign({ ...rivest, kid: key.kid } as FakeKey)
    await assert.rejects(verify(forged), { code: 'invalid_signature' })
    const only = verifier({ algorithms: ['ES256'] })
    await assert.rejects(only.verify(await token(edwards)), { code: 'invalid_signature' })
  })
})

function codeOf(error: unknown): string {
  return error instanceof TokenError ? error.code : String(error)
}
