import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { describe, it } from 'node:test'
import { readImportedToken, type TokenRow } from '../src/core/import-sessions.ts'
import { isLegacySessionId } from '../src/core/legacy-session-id.ts'
import { createLegacyTokens } from '../src/crypto/legacy-tokens.ts'
import { createTokens } from '../src/crypto/tokens.ts'
import { claimsOf, mint, OLD_SECRETS } from './kit/legacy-tokens.ts'

const NOW = Date.UTC(2026, 10, 20, 18)
const CREATED = '2026-11-20T12:00:00.123456Z'
const CREATED_AT = Date.UTC(2026, 10, 20, 12, 0, 0, 123)
const KEY = '9944b09199c62bcf9418ad846dd0e4bbdfc6ee4b'
const DIGEST = hash('sha512', 'a token of knox', 'hex')

const tokens = createTokens({ secret: 'a secret that only tests have, 32+ long' })
const read = (kind: TokenRow['kind'], fields: TokenRow['fields'], now = NOW) =>
  readImportedToken({ tokens }, { kind, fields }, { source: 'default', now, tokenSeconds: 86_400 })

describe('readImportedToken', () => {
  it('keeps a key of authtoken as its digest, with the age that it has', () => {
    const result = read('authtoken', { key: KEY, user: 7, created: CREATED })
    assert.ok('session' in result)
    const { id, ...rest } = result.session
    assert.equal(isLegacySessionId(id), true)
    const times = { createdAt: CREATED_AT, expiresAt: CREATED_AT + 86_400_000 }
    const kept = { source: 'default', legacyId: '7', kind: 'key', contract: 'drf-token' }
    assert.deepEqual(rest, { ...kept, tokenHash: tokens.digest(KEY), ...times })
    assert.ok(!JSON.stringify(result).includes(KEY))
    const end = CREATED_AT + 86_400_000
    assert.ok('session' in read('authtoken', { key: KEY, user: 7, created: CREATED }, end - 1))
    assert.deepEqual(read('authtoken', { key: KEY, user: 7, created: CREATED }, end), { reason: 'expired' })
  })

  it('keeps a digest of knox as it came, until it says that it ends, or as long as any key', () => {
    const result = read('knox', { digest: DIGEST, user: 'u-1', created: CREATED, expiry: '2026-11-21 00:00:00+01:00' })
    assert.ok('session' in result)
    assert.partialDeepStrictEqual(result.session, { tokenHash: DIGEST, expiresAt: Date.UTC(2026, 10, 20, 23) })
    const endless = read('knox', { digest: DIGEST, user: 1, created: CREATED, expiry: null })
    assert.ok('session' in endless)
    assert.equal(endless.session.expiresAt, CREATED_AT + 86_400_000)
    assert.deepEqual(read('knox', { digest: DIGEST, user: 1, created: CREATED, expiry: CREATED }), {
      reason: 'expired',
    })
    // Version 3 had a salt for each: no token finds such a digest.
    assert.deepEqual(read('knox', { digest: DIGEST, salt: '00', user: 1, created: CREATED }), {
      reason: 'unreadable_token',
    })
  })

  it('knows a refresh token of SimpleJWT by the digest that the token itself has when it comes', () => {
    const now = Date.now()
    const claims = claimsOf('7', { token_type: 'refresh' })
    const expires_at = new Date(claims.exp * 1000).toISOString()
    const fields = { jti: claims.jti, token: mint(claims), created_at: CREATED, expires_at, user: 7 }
    const result = read('outstanding', fields, now)
    assert.ok('session' in result)
    const secrets = [{ contract: 'simplejwt', secret: OLD_SECRETS.simplejwt }]
    const reader = createLegacyTokens({ secrets, cutover: now, longestLife: 86_400_000, now: () => now })
    // Projects add to a token after it was put into the table.
    const handedOut = reader.read(mint({ ...claims, name: 'Ada' }), 'refresh')
    assert.equal(result.session.tokenHash, handedOut?.digest)
    assert.partialDeepStrictEqual(result.session, { kind: 'pair', contract: 'simplejwt', legacyId: '7' })
    const revoked = read('blacklisted', { ...fields, user: null, created_at: null }, now)
    const expiresAt = claims.exp * 1000
    assert.deepEqual(revoked, {
      revoked: { source: 'default', legacyId: '7', tokenHash: handedOut?.digest, expiresAt },
    })
    assert.deepEqual(read('blacklisted', fields, expiresAt), { reason: 'expired' })
  })

  it('finds the owner as the table has them, and the token as it says itself', () => {
    const claims = claimsOf('0f0e0d0c-0b0a-4908-8706-050403020100', { token_type: 'refresh' })
    const user = claims.user_id.toString().replaceAll('-', '')
    const expires_at = new Date(claims.exp * 1000).toISOString()
    const result = read('outstanding', { jti: claims.jti, token: mint(claims), expires_at, user }, Date.now())
    assert.ok('session' in result)
    assert.equal(result.session.legacyId, claims.user_id)
    // Where the token names something else of the account, such as its UUID, the table tells whose it is.
    const other = read('outstanding', { jti: claims.jti, token: mint(claims), expires_at, user: 41 }, Date.now())
    assert.ok('session' in other)
    assert.equal(other.session.legacyId, '41')
    assert.equal(other.session.tokenHash, result.session.tokenHash)
  })

  it('reads whose a token is from the claim that is set', () => {
    const { user_id, ...claims } = claimsOf('unused', { token_type: 'refresh', member: 'm-41' })
    assert.equal(user_id, 'unused')
    const now = Date.now()
    const expires_at = new Date(claims.exp * 1000).toISOString()
    const fields = { jti: claims.jti, token: mint(claims), expires_at, user: null }
    const options = { source: 'default', now, tokenSeconds: 60, idClaim: 'member' }
    const revoked = readImportedToken({ tokens }, { kind: 'blacklisted', fields }, options)
    const secrets = [{ contract: 'simplejwt', secret: OLD_SECRETS.simplejwt }]
    const rules = { secrets, cutover: now, longestLife: 86_400_000, idClaim: 'member', now: () => now }
    const shown = createLegacyTokens(rules).read(mint(claims), 'refresh')
    assert.ok('revoked' in revoked && shown !== null)
    assert.equal(revoked.revoked.tokenHash, shown.digest)
    assert.equal(revoked.revoked.legacyId, 'm-41')
  })

  const unreadable: Readonly<Record<TokenRow['kind'], readonly TokenRow['fields'][]>> = {
    authtoken: [
      {},
      { key: KEY.slice(1), user: 1, created: CREATED },
      { key: KEY.toUpperCase(), user: 1, created: CREATED },
      { key: KEY, user: null, created: CREATED },
      { key: KEY, user: ['a', 'natural', 'key'], created: CREATED },
      { key: KEY, user: 1, created: 'yesterday' },
      { key: 7, user: 1, created: CREATED },
    ],
    knox: [
      {},
      { digest: DIGEST.slice(1), user: 1, created: CREATED },
      { digest: DIGEST, user: '', created: CREATED },
      { digest: DIGEST, user: 1, created: CREATED, expiry: 'never' },
    ],
    outstanding: [
      {},
      { jti: 'x', user: 1, expires_at: 'x' },
      { jti: '', user: 1, expires_at: '2030-01-01T00:00:00Z' },
      { jti: 'x', user: null, token: 'a.b.c', expires_at: '2030-01-01T00:00:00Z' },
      { jti: 'x', user: 1, token: mint({ token_type: 'sliding' }), expires_at: '2030-01-01T00:00:00Z' },
    ],
    blacklisted: [{}, { jti: 'x', expires_at: '2030-01-01T00:00:00Z' }],
  }
  for (const kind of ['authtoken', 'knox', 'outstanding', 'blacklisted'] as const) {
    it(`says of a row of ${kind} that is none that it cannot be read`, () => {
      for (const fields of unreadable[kind]) {
        assert.deepEqual(read(kind, fields), { reason: 'unreadable_token' }, JSON.stringify(fields))
      }
    })
  }
})
