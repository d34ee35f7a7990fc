import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { LOCAL, openEveryKind, PASSWORD } from '../../test/kit/clients.ts'
import { LIGHT_HASHING } from '../../test/kit/hashing.ts'
import { startTestApp, type TestApp } from '../../test/kit/start-test-app.ts'
import type { Authenticated } from './account.ts'

const GARBAGE = ['', 'x', '0'.repeat(40), 'F'.repeat(40), 'a.b.c', '..', '\0', '🦊', 'a'.repeat(10_000)]

describe('a session', () => {
  let test: TestApp
  let count = 0
  let authenticated: Authenticated
  let tokens: Awaited<ReturnType<typeof openEveryKind>>
  before(async () => {
    test = await startTestApp({ config: LIGHT_HASHING })
  })
  after(() => test.close())
  beforeEach(async () => {
    authenticated = await test.core.register({ username: `somebody-${++count}`, password: PASSWORD }, LOCAL)
    tokens = await openEveryKind(test.core, authenticated)
  })

  const id = () => authenticated.account.id
  const sessionOf = async (token: string) => (await test.core.checkAccess(token, LOCAL)).session

  it('of every kind is found by its access token, with its account', async () => {
    for (const [token, kind] of [
      [tokens.key, 'key'],
      [tokens.jwt, 'jwt'],
      [tokens.access, 'pair'],
    ] as const) {
      const { account, session } = await test.core.checkAccess(token, LOCAL)
      assert.equal(account.id, id())
      assert.equal(session.kind, kind)
      assert.equal(session.contract, 'a-door')
      assert.deepEqual(session.client, { network: LOCAL.network, userAgent: LOCAL.userAgent })
    }
  })

  it('is not found by its refresh token, nor by any text that is no token', async () => {
    for (const token of [tokens.refresh, ...GARBAGE]) {
      await assert.rejects(test.core.checkAccess(token, LOCAL), { code: 'invalid_access_token' }, token.slice(0, 50))
    }
  })

  it('is found by its key in the very letters in which it was issued, and in no others', async () => {
    for (const token of [
      tokens.key.toUpperCase(),
      tokens.key.slice(0, -1),
      `${tokens.key}0`,
      ` ${tokens.key}`,
      `${tokens.key}\n`,
      tokens.key.replace(/.$/, (digit) => (digit === '0' ? '1' : '0')),
    ]) {
      await assert.rejects(test.core.checkAccess(token, LOCAL), { code: 'invalid_access_token' })
    }
  })

  it('is stored without any of its tokens', async () => {
    const facts = await test.core.administration.listSessions({ accountId: id(), limit: 10 })
    assert.equal(facts.length, 3)
    const text = JSON.stringify(facts)
    for (const token of Object.values(tokens)) assert.ok(!text.includes(token))
  })

  it('ends once, of 16 concurrent callers, and with it every token it has', async () => {
    const access = await test.core.checkAccess(tokens.access, LOCAL)
    const ends = await Promise.allSettled(Array.from({ length: 16 }, () => test.core.endSession(access, LOCAL)))
    assert.equal(ends.filter(({ status }) => status === 'fulfilled').length, 1)
    await assert.rejects(test.core.checkAccess(tokens.access, LOCAL), { code: 'invalid_access_token' })
    await assert.rejects(test.core.verifyToken(tokens.refresh, LOCAL), { code: 'invalid_token' })
    await assert.rejects(refresh(tokens.refresh), { code: 'invalid_token' })
    await test.core.checkAccess(tokens.jwt, LOCAL)
    await test.core.checkAccess(tokens.key, LOCAL)
  })

  it('of every kind says that it expired, to the millisecond, and an expired key is deleted', async () => {
    const { expiresAt, createdAt } = await sessionOf(tokens.key)
    assert.equal(expiresAt, (Math.floor(createdAt / 1000) + 1000) * 1000)
    test.advance(400_000)
    await assert.rejects(test.core.checkAccess(tokens.access, LOCAL), { code: 'expired_access_token' })
    await test.core.checkAccess(tokens.jwt, LOCAL)
    await test.core.verifyToken(tokens.refresh, LOCAL)
    test.advance(600_000)
    for (const token of [tokens.key, tokens.jwt, tokens.access]) {
      await assert.rejects(test.core.checkAccess(token, LOCAL), { code: 'expired_access_token' })
    }
    await assert.rejects(test.core.verifyToken(tokens.refresh, LOCAL), { code: 'invalid_token' })
    await assert.rejects(test.core.checkAccess(tokens.key, LOCAL), { code: 'invalid_access_token' })
  })

  it('dies with its account: disabled says so, enabled again brings nothing back', async () => {
    await test.core.administration.setActive(id(), false)
    for (const token of [tokens.key, tokens.jwt, tokens.access]) {
      await assert.rejects(test.core.checkAccess(token, LOCAL), { code: 'account_inactive' })
    }
    await assert.rejects(refresh(tokens.refresh), { code: 'invalid_token' })
    await test.core.administration.setActive(id(), true)
    await allDead('invalid_access_token')
    assert.equal(test.audit.filter(({ type }) => type === 'account_disabled').at(-1)?.accountId, id())
  })

  it('dies when the password is set, when all are revoked, and when the account is deleted', async () => {
    await test.core.administration.setPassword(id(), 'another password')
    await allDead('invalid_access_token')
    const { account } = authenticated
    tokens = await openEveryKind(test.core, { ...authenticated, account, credentialVersion: 2 })
    assert.equal(await test.core.administration.revokeSessions(id()), 3)
    await allDead('invalid_access_token')
    tokens = await openEveryKind(test.core, { ...authenticated, account, credentialVersion: 2 })
    assert.equal(await test.core.administration.deleteAccount(id()), true)
    await allDead('invalid_access_token')
  })

  it('can be revoked by its id, once', async () => {
    const session = await sessionOf(tokens.jwt)
    assert.equal(await test.core.administration.revokeSession(session.id), true)
    assert.equal(await test.core.administration.revokeSession(session.id), false)
    await assert.rejects(test.core.checkAccess(tokens.jwt, LOCAL), { code: 'invalid_access_token' })
  })

  it('lives on when its owner changes the password through it, and every other ends', async () => {
    const access = await test.core.checkAccess(tokens.jwt, LOCAL)
    await test.core.changePassword(access, {
      oldPassword: PASSWORD,
      oldPasswordField: 'old_password',
      newPassword: 'another password',
      newPasswordField: 'new_password',
      problems: [],
      client: LOCAL,
    })
    await test.core.checkAccess(tokens.jwt, LOCAL)
    await assert.rejects(test.core.checkAccess(tokens.key, LOCAL), { code: 'invalid_access_token' })
    await assert.rejects(test.core.verifyToken(tokens.refresh, LOCAL), { code: 'invalid_token' })
  })

  it('is refreshed with its refresh token alone, any number of times, until it is over', async () => {
    for (const token of [tokens.access, tokens.jwt, tokens.key, ...GARBAGE]) {
      await assert.rejects(refresh(token), { code: 'invalid_token' })
    }
    const [one, two] = [await refresh(tokens.refresh), await refresh(tokens.refresh)]
    assert.notEqual(one.access, two.access)
    assert.equal((await sessionOf(one.access)).id, (await sessionOf(tokens.access)).id)
    test.advance(999_000)
    await refresh(tokens.refresh)
    test.advance(1000)
    await assert.rejects(refresh(tokens.refresh), { code: 'invalid_token' })
  })

  it('has no token that outlives it', async () => {
    const { access } = await test.core.refreshAccess(tokens.refresh, {
      accessLifetime: 10 ** 9,
      claims: () => ({}),
      client: LOCAL,
    })
    const { expiresAt } = await sessionOf(access)
    assert.equal(claimsOf(access).exp, expiresAt / 1000)
  })

  it('ends once by its refresh token, of 16 concurrent callers', async () => {
    const ends = await Promise.allSettled(
      Array.from({ length: 16 }, () => test.core.endSessionByRefreshToken(tokens.refresh, LOCAL)),
    )
    assert.equal(ends.filter(({ status }) => status === 'fulfilled').length, 1)
    for (const token of [tokens.access, tokens.jwt, ...GARBAGE]) {
      await assert.rejects(test.core.endSessionByRefreshToken(token, LOCAL), { code: 'invalid_token' })
    }
    await assert.rejects(test.core.checkAccess(tokens.access, LOCAL), { code: 'invalid_access_token' })
  })

  it('says of both its signed tokens that they live', async () => {
    for (const token of [tokens.access, tokens.refresh, tokens.jwt]) {
      assert.equal((await test.core.verifyToken(token, LOCAL)).account.id, id())
    }
    for (const token of [tokens.key, ...GARBAGE]) {
      await assert.rejects(test.core.verifyToken(token, LOCAL), { code: 'invalid_token' })
    }
  })

  it('never lets a contract name the claims that Latchkey relies on', async () => {
    const stolen = { sub: 'x', sid: 'x', jti: 'x', exp: 9e9, iat: 0, token_type: 'refresh', iss: 'x', mine: 1 }
    const request = { client: LOCAL, lifetime: 60, claims: () => stolen }
    const { token, session } = await test.core.openJwtSession(authenticated, request)
    const claims = claimsOf(token)
    assert.equal(claims.sub, authenticated.account.subject)
    assert.equal(claims.sid, session.id)
    assert.equal(claims.token_type, 'access')
    assert.equal(Number(claims.exp) - Number(claims.iat), 60)
    assert.equal(claims.iss, test.config.publicUrl)
    assert.equal(claims.mine, 1)
    assert.match(String(claims.jti), /^[0-9a-f]{32}$/)
  })

  it('is pruned a week after its end, and an expired key is told so until then', async () => {
    test.advance(1000_000 + 6 * 86_400_000)
    await test.core.prune()
    await assert.rejects(test.core.checkAccess(tokens.key, LOCAL), { code: 'expired_access_token' })
    // Told so once. That it is used again is no use of a key that was revoked.
    await assert.rejects(test.core.checkAccess(tokens.key, LOCAL), { code: 'invalid_access_token' })
    assert.ok(test.audit.every(({ type, accountId }) => type !== 'revoked_token_used' || accountId !== id()))
    test.advance(2 * 86_400_000)
    assert.ok((await test.core.prune()).sessions >= 2)
  })

  function refresh(token: string) {
    return test.core.refreshAccess(token, { accessLifetime: 300, claims: () => ({}), client: LOCAL })
  }

  async function allDead(code: string) {
    for (const token of [tokens.key, tokens.jwt, tokens.access])
      await assert.rejects(test.core.checkAccess(token, LOCAL), { code })
    await assert.rejects(refresh(tokens.refresh), { code: 'invalid_token' })
    await assert.rejects(test.core.verifyToken(tokens.refresh, LOCAL), { code: 'invalid_token' })
  }
})

function claimsOf(token: string): Readonly<Record<string, unknown>> {
  const json = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()
  return JSON.parse(json) as Readonly<Record<string, unknown>>
}
