import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { LOCAL, openEveryKind } from '../../test/kit/clients.ts'
import { CONTRACT_LOGINS, loginOf, makePerson, type Person, refreshTokenOf, tokenOf } from '../../test/kit/doors.ts'
import { LIGHT_HASHING } from '../../test/kit/hashing.ts'
import { makeService, postForm, type Service } from '../../test/kit/services.ts'
import { startTestApp, type TestApp } from '../../test/kit/start-test-app.ts'
import { send, type WireAnswer } from '../../test/kit/wire.ts'
import type { Authenticated } from '../core/account.ts'

const ISSUER = 'https://auth.example.com'
const REFRESH = { token_type_hint: 'refresh_token' }

let test: TestApp
let service: Service
let person: Person
let somebody: Authenticated
let count = 0

before(async () => {
  test = await startTestApp({ config: { ...LIGHT_HASHING, publicUrl: ISSUER } })
  service = await makeService(test.core)
})
after(() => test.close())
beforeEach(async () => {
  person = makePerson(`somebody-${++count}`)
  const { email, username, password } = person
  somebody = await test.core.register({ email, username, password }, LOCAL)
})

const introspect = (token: string, more: Readonly<Record<string, string>> = {}) =>
  postForm(test, '/v1/introspect', { service, token, ...more })

/** What every answer says of the account, whatever the token. */
const owner = () => ({
  active: true,
  sub: somebody.account.subject,
  iss: ISSUER,
  username: person.username,
  email: person.email,
  user_id: somebody.account.id,
  is_staff: false,
})

function claimsOf(token: string): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
}

function assertDead(answer: WireAnswer, why: string): void {
  assert.equal(answer.status, 200, why)
  assert.equal(answer.text, '{"active":false}', why)
  assert.equal(answer.headers['content-type'], 'application/json')
  assert.equal(answer.headers['cache-control'], 'no-store')
}

describe('introspection of a live token', () => {
  for (const door of CONTRACT_LOGINS) {
    it(`of ${door.contract} says whose it is, and no more than it may`, async () => {
      const login = await send(test, loginOf(door, person.email, person.password))
      const token = tokenOf(login)
      const answer = await introspect(token)
      assert.equal(answer.status, 200)
      assert.equal(answer.headers['content-type'], 'application/json')
      assert.equal(answer.headers['cache-control'], 'no-store')
      const { sid, iat, exp, jti, aud, ...rest } = answer.json as Record<string, unknown>
      assert.deepEqual(rest, { ...owner(), token_type: 'Bearer', client_id: door.contract })
      const [session] = await test.core.administration.listSessions({ accountId: somebody.account.id, limit: 1 })
      assert.equal(sid, session?.id)
      if (!token.includes('.')) {
        assert.deepEqual(
          { jti, aud, iat, exp },
          {
            jti: undefined,
            aud: undefined,
            iat: Math.floor((session?.createdAt ?? 0) / 1000),
            exp: (session?.expiresAt ?? 0) / 1000,
          },
        )
        return
      }
      const claims = claimsOf(token)
      assert.deepEqual(
        { sid, iat, exp, jti, aud },
        { sid: claims.sid, iat: claims.iat, exp: claims.exp, jti: claims.jti, aud: claims.aud },
      )
    })
  }

  it('is one of a refresh token only where the hint says so, and tells it from one that opens doors', async () => {
    const door = CONTRACT_LOGINS.find(({ contract }) => contract === 'simplejwt')
    assert.ok(door !== undefined)
    const login = await send(test, loginOf(door, person.email, person.password))
    const refresh = refreshTokenOf(login) ?? ''
    const claims = claimsOf(refresh)
    for (const hint of ['access_token', 'refresh', ''])
      assertDead(await introspect(refresh, { token_type_hint: hint }), hint)
    assertDead(await introspect(refresh), 'no hint')
    assert.deepEqual((await introspect(refresh, REFRESH)).json, {
      ...owner(),
      token_type: 'refresh_token',
      client_id: 'simplejwt',
      sid: claims.sid,
      iat: claims.iat,
      exp: claims.exp,
      jti: claims.jti,
    })
    assert.partialDeepStrictEqual((await introspect(tokenOf(login))).json, { token_type: 'Bearer' })
  })

  it('of /v1 says for whom it is, and which of the two it is', async () => {
    const json = { identifier: person.email, password: person.password }
    const login = await send(test, { method: 'POST', path: '/v1/sessions', json })
    const { access_token, refresh_token } = login.json as Readonly<Record<string, string>>
    for (const [token = '', kind] of [
      [access_token, 'Bearer'],
      [refresh_token, 'refresh_token'],
    ]) {
      const { sid, iat, exp, jti, aud } = claimsOf(token)
      assert.deepEqual((await introspect(token, REFRESH)).json, {
        ...owner(),
        token_type: kind,
        client_id: 'v1',
        ...{ sid, iat, exp, jti },
        ...(aud === undefined ? {} : { aud }),
      })
    }
    assert.equal(claimsOf(access_token ?? '').aud, ISSUER)
  })

  it('takes no notice of a hint at an access token, right or wrong, nor of parameters that it does not know', async () => {
    const { access, jwt, key } = await openEveryKind(test.core, somebody)
    for (const token of [access, jwt, key]) {
      for (const hint of ['access_token', 'refresh_token', 'urn:example:else', '']) {
        const answer = await introspect(token, { token_type_hint: hint, resource: 'https://api.example.com' })
        assert.partialDeepStrictEqual(answer.json, { active: true, token_type: 'Bearer' })
      }
    }
  })

  it('leaves out a name and an address that the account has not', async () => {
    const nameless = await test.core.register({ email: `only-${count}@example.com`, password: person.password }, LOCAL)
    const addressless = await test.core.register({ username: `only-${count}`, password: person.password }, LOCAL)
    const [one, other] = await Promise.all([nameless, addressless].map((who) => openEveryKind(test.core, who)))
    const first = (await introspect(one?.key ?? '')).json as Record<string, unknown>
    const second = (await introspect(other?.key ?? '')).json as Record<string, unknown>
    assert.deepEqual([first.email, 'username' in first], [`only-${count}@example.com`, false])
    assert.deepEqual([second.username, 'email' in second], [`only-${count}`, false])
  })
})

describe('introspection of anything else', () => {
  it('says that it is not active, and nothing more', async () => {
    const { jwt, key, refresh } = await openEveryKind(test.core, somebody)
    const cut = jwt.slice(0, -2)
    const table = [
      'x',
      '..',
      'a.b.c',
      '0'.repeat(40),
      key.toUpperCase(),
      ` ${key}`,
      `${key}0`,
      cut,
      `${jwt}=`,
      `${jwt}.`,
    ]
    for (const token of [...table, refresh.slice(1), '\0', '🦊', 'é', 'x'.repeat(8000), service.secret, service.id]) {
      assertDead(await introspect(token), JSON.stringify(token.slice(0, 60)))
    }
  })

  it('says so of every token of a session that ended, and the audit log tells of it as elsewhere', async () => {
    const { key, jwt, access, refresh } = await openEveryKind(test.core, somebody)
    for (const token of [key, jwt, access]) {
      assert.partialDeepStrictEqual((await introspect(token)).json, { active: true })
      await test.core.endSession(await test.core.checkAccess(token, LOCAL), LOCAL)
    }
    const before = test.audit.length
    for (const token of [key, jwt, access, refresh]) assertDead(await introspect(token, REFRESH), token)
    const told = test.audit.slice(before)
    assert.deepEqual(
      told.map(({ type, detail, client }) => [type, detail?.kind, client?.contract]),
      ['key', 'access', 'access', 'refresh'].map((kind) => ['revoked_token_used', kind, 'oauth']),
    )
  })

  it('says so of the tokens of a disabled account', async () => {
    const tokens = await openEveryKind(test.core, somebody)
    await test.core.administration.setActive(somebody.account.id, false)
    for (const token of Object.values(tokens)) assertDead(await introspect(token, REFRESH), token)
    await test.core.administration.setActive(somebody.account.id, true)
    for (const token of Object.values(tokens)) assertDead(await introspect(token, REFRESH), token)
  })

  it('says so of tokens from before a password was changed', async () => {
    const tokens = await openEveryKind(test.core, somebody)
    await test.core.administration.setPassword(somebody.account.id, 'another password, quite long')
    for (const token of Object.values(tokens)) assertDead(await introspect(token, REFRESH), token)
  })

  it('says so of a token whose time is over, to the second, while its session lives on', async () => {
    const { access, refresh, jwt, key } = await openEveryKind(test.core, somebody)
    test.advance(301_000)
    assertDead(await introspect(access), 'access')
    for (const token of [refresh, jwt, key]) {
      assert.partialDeepStrictEqual((await introspect(token, REFRESH)).json, { active: true })
    }
    test.advance(700_000)
    for (const token of [refresh, jwt, key]) assertDead(await introspect(token, REFRESH), token)
  })

  it('says so of a token that another Latchkey signed', async () => {
    const elsewhere = await startTestApp({ config: { ...LIGHT_HASHING, publicUrl: ISSUER } })
    const stranger = await elsewhere.core.register({ username: 'stranger', password: person.password }, LOCAL)
    const tokens = await openEveryKind(elsewhere.core, stranger)
    await elsewhere.close()
    for (const token of Object.values(tokens)) assertDead(await introspect(token, REFRESH), token)
  })
})

describe('introspection where an audience is set', () => {
  it('tells for whom a signed token is, and of a key, which says nothing, nothing', async () => {
    const audience = 'https://api.example.com'
    const other = await startTestApp({ config: { ...LIGHT_HASHING, audience } })
    const one = await makeService(other.core)
    const tokens = await openEveryKind(
      other.core,
      await other.core.register({ username: 'somebody', password: person.password }, LOCAL),
    )
    for (const [kind, token] of Object.entries(tokens)) {
      const { json } = await postForm(other, '/v1/introspect', { service: one, token, ...REFRESH })
      const { active, aud } = json as Readonly<Record<string, unknown>>
      assert.deepEqual([active, aud], [true, kind === 'key' ? undefined : audience], kind)
    }
    await other.close()
  })
})

describe('introspection without a database', () => {
  it('is no answer: nobody may take it for one', async () => {
    const broken = await startTestApp({ config: LIGHT_HASHING })
    const one = await makeService(broken.core)
    await broken.store.close()
    const answer = await postForm(broken, '/v1/introspect', { service: one, token: '0'.repeat(40) })
    assert.ok(answer.status >= 500, answer.text)
    assert.ok(!answer.text.includes('active'))
    await broken.close()
  })
})
