import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { after, before, beforeEach, describe, it } from 'node:test'
import { isLegacySessionId, toLegacySessionId } from '../src/core/legacy-session-id.ts'
import { LOCAL, PASSWORD } from './kit/clients.ts'
import { LIGHT_HASHING } from './kit/hashing.ts'
import { claimsOf, mint, moveIn, moveSessionsIn, OLD_SECRETS, takeLegacyTokens } from './kit/legacy-tokens.ts'
import { makeService, postForm } from './kit/services.ts'
import { startTestApp, type TestApp } from './kit/start-test-app.ts'
import { fresh } from './kit/stores.ts'
import { send, type WireAnswer } from './kit/wire.ts'

const HOUR = 3_600_000

describe('a token of the back end before', () => {
  let test: TestApp
  let passwordHash: string | null
  let legacyId: string
  let accountId: number
  before(async () => {
    // What is remembered of a token is remembered for as long as the tests take.
    const config = { ...LIGHT_HASHING, ...takeLegacyTokens(), sessionStaleness: 600_000 }
    test = await startTestApp({ config })
    const { account } = await test.core.register({ username: 'somebody', password: PASSWORD }, LOCAL)
    passwordHash = (await test.store.findCredentialById(account.id))?.passwordHash ?? null
  })
  after(() => test.close())
  beforeEach(async () => {
    legacyId = fresh()
    accountId = await moveIn(test.store, { legacyId, passwordHash })
  })

  const access = (change = {}) => mint(claimsOf(legacyId, change))
  const refresh = (change = {}) => access({ token_type: 'refresh', ...change })
  const single = () =>
    mint({ id: legacyId, exp: Math.floor(Date.now() / 1000) + 3600, n: fresh() }, OLD_SECRETS['drf-jwt'])
  const ask = (token: string, path = '/v1/session', { method = 'GET', scheme = 'Bearer' } = {}): Promise<WireAnswer> =>
    send(test, { method, path, headers: { authorization: `${scheme} ${token}` } })
  const isAlive = async (token: string) => (await ask(token)).status === 200
  const post = (path: string, json: object) => send(test, { method: 'POST', path, json })
  const listed = () => test.core.administration.listSessions({ accountId, limit: 99 })
  const adoptions = () =>
    test.audit.filter((event) => event.type === 'legacy_session_adopted' && event.accountId === accountId)

  it('opens every door that takes tokens, as the session that stands for it', async () => {
    const tokens = {
      simplejwt: access(),
      'drf-jwt': single(),
      'express-jwt': mint({ user: { id: legacyId }, iat: 1, exp: 2 ** 31 }, OLD_SECRETS['express-jwt']),
    }
    assert.equal(await isAlive(tokens['express-jwt']), false)
    tokens['express-jwt'] = mint({ user: { id: legacyId }, ...secondsFromNow(-600, 3600) }, OLD_SECRETS['express-jwt'])
    for (const [contract, token] of Object.entries(tokens)) {
      for (const path of ['/v1/session', '/v1/forward-auth', '/api/users/user/']) {
        for (const scheme of ['Bearer', 'Token']) {
          assert.equal((await ask(token, path, { scheme })).status, 200, `${contract} ${path} ${scheme}`)
        }
      }
      const session = (await listed()).find((session) => session.contract === contract)
      assert.ok(session !== undefined && isLegacySessionId(session.id), contract)
      assert.equal(session.kind, 'jwt')
    }
    assert.equal((await listed()).length, 3)
    assert.deepEqual(
      adoptions().map(({ detail }) => detail?.use),
      ['access', 'access', 'access'],
    )
  })

  it('is one session for 20 requests that bring it at the same moment', async () => {
    const token = access()
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(token)))
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]))
    assert.equal((await listed()).length, 1)
    assert.equal(adoptions().length, 1)
  })

  it('that refreshes gives access tokens of ours, also at /v1, and a logout by one of those ends it', async () => {
    const token = refresh()
    const answer = await post('/api/users/token/refresh/', { refresh: token })
    assert.equal(answer.status, 200, answer.text)
    const { access: own } = answer.json as { access: string }
    assert.equal(JSON.parse(Buffer.from(own.split('.')[0] ?? '', 'base64url').toString()).alg, 'ES256')
    assert.equal(await isAlive(own), true)
    assert.equal((await post('/v1/session/refresh', { refresh_token: token })).status, 200)
    assert.equal((await listed()).length, 1)
    assert.equal((await listed())[0]?.kind, 'pair')
    assert.equal((await ask(own, '/api/users/logout/', { method: 'POST' })).status, 200)
    for (const path of ['/api/users/token/refresh/', '/api/users/token/blacklist/']) {
      assert.equal((await post(path, { refresh: token })).status, 401)
    }
    assert.equal((await post('/api/users/token/verify/', { token })).status, 401)
    assert.equal(await isAlive(own), false)
  })

  it('can be verified and blacklisted once, and then its access tokens are dead too, seen or not', async () => {
    const [token, seen, unseen] = [refresh(), access(), access()]
    assert.equal((await post('/api/users/token/verify/', { token })).status, 200)
    assert.equal((await post('/api/users/token/verify/', { token: seen })).status, 200)
    assert.equal(await isAlive(seen), true)
    assert.notEqual(test.core.recallAccess(seen), null)
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => post('/api/users/token/blacklist/', { refresh: token })),
    )
    assert.deepEqual(answers.map(({ status }) => status).toSorted(), [200, 401, 401, 401, 401, 401, 401, 401])
    assert.equal(test.core.recallAccess(seen), null)
    for (const dead of [seen, unseen]) assert.equal(await isAlive(dead), false)
    assert.equal((await post('/api/users/token/refresh/', { refresh: token })).status, 401)
    // Another device has a refresh token of its own.
    assert.equal((await post('/api/users/token/refresh/', { refresh: refresh() })).status, 200)
  })

  it('that is an access token takes with it at logout whatever refresh token may be its own', async () => {
    const token = access()
    const [seen, unseen] = [refresh(), refresh()]
    assert.equal((await post('/api/users/token/refresh/', { refresh: seen })).status, 200)
    assert.equal((await ask(token, '/api/users/logout/', { method: 'POST' })).status, 200)
    for (const dead of [seen, unseen]) {
      assert.equal((await post('/api/users/token/refresh/', { refresh: dead })).status, 401)
    }
    assert.equal(await isAlive(token), false)
    const used = test.audit.filter((event) => event.type === 'revoked_token_used' && event.accountId === accountId)
    assert.deepEqual(
      used.map(({ detail }) => detail?.kind),
      ['refresh', 'refresh', 'access'],
    )
  })

  it('that stands alone ends alone', async () => {
    const [one, another] = [single(), single()]
    for (const token of [one, another]) assert.equal(await isAlive(token), true)
    assert.equal((await ask(one, '/v1/session', { method: 'DELETE' })).status, 204)
    assert.equal(await isAlive(one), false)
    assert.equal(await isAlive(another), true)
    assert.equal(await isAlive(single()), true)
  })

  it('is dead after a new password, but for the one that set it', async () => {
    const [own, seen, unseen] = [single(), single(), single()]
    for (const token of [own, seen]) assert.equal(await isAlive(token), true)
    const change = {
      old_password: PASSWORD,
      new_password1: 'a new and longer one 2',
      new_password2: 'a new and longer one 2',
    }
    const headers = { authorization: `Token ${own}` }
    const answer = await send(test, { method: 'POST', path: '/api/users/password/change/', headers, json: change })
    assert.equal(answer.status, 200, answer.text)
    assert.equal(await isAlive(own), true)
    for (const token of [seen, unseen]) assert.equal(await isAlive(token), false)
  })

  it('is dead once all sessions were ended, also where nobody had seen it', async () => {
    const [seen, unseen] = [refresh(), refresh()]
    assert.equal((await post('/api/users/token/refresh/', { refresh: seen })).status, 200)
    assert.equal(await test.core.administration.revokeSessions(accountId), 1)
    for (const token of [seen, unseen]) {
      assert.equal((await post('/api/users/token/refresh/', { refresh: token })).status, 401)
    }
  })

  it('of a disabled account says why, and enabling brings none back', async () => {
    const [seen, unseen] = [single(), single()]
    assert.equal(await isAlive(seen), true)
    await test.core.administration.setActive(accountId, false)
    for (const token of [seen, unseen]) {
      const answer = await ask(token, '/api/users/user/', { scheme: 'Token' })
      assert.equal(answer.status, 401)
      assert.deepEqual(answer.json, { detail: 'User inactive or deleted.' })
    }
    assert.equal((await post('/api/users/token/refresh/', { refresh: refresh() })).status, 401)
    await test.core.administration.setActive(accountId, true)
    for (const token of [seen, unseen]) assert.equal(await isAlive(token), false)
  })

  it('is told to live to services that ask, the refresh token to whoever asks for one', async () => {
    const service = await makeService(test.core, { mayRevoke: true })
    const asked = (token: string, more = {}) => postForm(test, '/v1/introspect', { service, token, ...more })
    const token = refresh()
    assert.equal((await asked(token)).text, '{"active":false}')
    const hint = { token_type_hint: 'refresh_token' }
    assert.partialDeepStrictEqual((await asked(token, hint)).json, { active: true, user_id: accountId })
    assert.partialDeepStrictEqual((await asked(access())).json, { active: true, user_id: accountId })
    assert.equal((await postForm(test, '/v1/revoke', { service, token })).status, 200)
    assert.equal((await asked(token, hint)).text, '{"active":false}')
  })

  it('is over when its time is, and is told so', async () => {
    const own = await startTestApp({ config: { ...LIGHT_HASHING, ...takeLegacyTokens() } })
    await moveIn(own.store, { legacyId, passwordHash })
    const token = mint(claimsOf(legacyId, secondsFromNow(-600, 3600)))
    const check = () =>
      send(own, { method: 'GET', path: '/api/users/user/', headers: { authorization: `Token ${token}` } })
    assert.equal((await check()).status, 200)
    own.advance(3_601_000)
    assert.deepEqual((await check()).json, { detail: 'The Token is expired' })
    await own.close()
  })

  it('is nobody’s where no such account was moved in, nor for one that was made here', async () => {
    for (const id of [fresh(), String(accountId), '1', '0']) {
      const token = mint(claimsOf(id))
      assert.equal(await isAlive(token), false, id)
      assert.equal(
        (await post('/api/users/token/refresh/', { refresh: mint(claimsOf(id, { token_type: 'refresh' })) })).status,
        401,
      )
    }
  })

  it('that is opaque lives on from a table of keys, and ends as any key does', async () => {
    const tokenHash = hash('sha256', 'b'.repeat(40), 'hex')
    const knox = '9944b09199c62bcf9418ad846dd0e4bbdfc6ee4bdeadbeef0123456789abcdef'
    const keys = [
      { token: 'b'.repeat(40), tokenHash },
      { token: knox, tokenHash: hash('sha512', knox, 'hex') },
      { token: knox.replace('9', '8'), tokenHash: hash('sha512', Buffer.from(knox.replace('9', '8'), 'hex'), 'hex') },
    ]
    const now = Date.now()
    const sessions = keys.map(({ tokenHash }) => ({
      id: toLegacySessionId(tokenHash),
      source: 'default',
      legacyId,
      kind: 'key' as const,
      contract: 'drf-token',
      tokenHash,
      createdAt: now - HOUR,
      expiresAt: now + HOUR,
    }))
    assert.deepEqual(await moveSessionsIn(test.store, { sessions }), ['imported', 'imported', 'imported'])
    for (const { token } of keys) {
      assert.equal((await ask(token, '/api/users/user/', { scheme: 'Token' })).status, 200)
      assert.equal((await ask(token.toUpperCase(), '/api/users/user/', { scheme: 'Token' })).status, 401)
    }
    for (const [index, { token }] of keys.entries()) {
      assert.equal((await ask(token, '/api/users/logout/', { scheme: 'Token', method: 'POST' })).status, 200)
      assert.equal(await isAlive(token), false)
      for (const { token: other } of keys.slice(index + 1)) assert.equal(await isAlive(other), true)
    }
    const used = test.audit.filter((event) => event.type === 'revoked_token_used' && event.accountId === accountId)
    assert.deepEqual(
      used.map(({ detail }) => detail?.kind),
      ['key', 'key', 'key'],
    )
    assert.deepEqual(await moveSessionsIn(test.store, { sessions }), ['known', 'known', 'known'])
    for (const { token } of keys) assert.equal(await isAlive(token), false)
  })
})

function secondsFromNow(from: number, to: number): { iat: number; exp: number } {
  const now = Math.floor(Date.now() / 1000)
  return { iat: now + from, exp: now + to }
}
