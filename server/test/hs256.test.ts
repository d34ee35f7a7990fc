import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { createLog } from '../src/log.ts'
import { startServer } from '../src/start.ts'
import {
  CONTRACT_LOGINS,
  type LoginDoor,
  loginOf,
  makePerson,
  REGISTRATIONS,
  refreshTokenOf,
  registrationOf,
  tokenOf,
} from './kit/doors.ts'
import { LIGHT_HASHING } from './kit/hashing.ts'
import { createSharedDatabase } from './kit/postgres.ts'
import { runPython } from './kit/python.ts'
// What it proves is the same whatever the database: it need not run on each.
import { startTestApp as start, type TestApp } from './kit/start-test-app.ts'
import { send } from './kit/wire.ts'

const SIMPLEJWT = 'django-insecure-s)9k!q2z^x7w@e4r#t6y&u8i*o0p-a1s'
const DRF_JWT = 'another one, of the service that reads with PyJWT'
const SHARED = {
  ...LIGHT_HASHING,
  simplejwtHs256Secret: { file: '/run/secrets/simplejwt', secret: SIMPLEJWT },
  drfJwtHs256Secret: { file: '/run/secrets/drf-jwt', secret: DRF_JWT },
}
const ada = makePerson('ada')

/** A Django project that has nothing of Latchkey but its secret. */
const DJANGO = `
import json, os
from django.conf import settings
settings.configure(SECRET_KEY=os.environ['SECRET'], INSTALLED_APPS=['django.contrib.auth', 'django.contrib.contenttypes'])
import django; django.setup()
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken
`

describe('a secret that a contract shares with a Django project', () => {
  let database: Awaited<ReturnType<typeof createSharedDatabase>>
  let plain: TestApp
  let test: TestApp
  before(async () => {
    database = await createSharedDatabase()
    plain = await start({ databaseUrl: database.url, config: LIGHT_HASHING })
    test = await start({ databaseUrl: database.url, config: SHARED })
    const [door] = REGISTRATIONS
    assert.ok(door !== undefined)
    assert.equal((await send(plain, registrationOf(door, ada))).status, 201)
  })
  after(async () => {
    await test.close()
    await plain.close()
    await database.drop()
  })

  it('signs tokens that SimpleJWT itself reads, with the claims that it writes', async () => {
    const login = await signIn(test, 'simplejwt')
    const [access, refresh] = [tokenOf(login), refreshTokenOf(login) ?? '']
    const read = `${DJANGO}
access, refresh = AccessToken(os.environ['ACCESS']), RefreshToken(os.environ['REFRESH'])
own = AccessToken.for_user(type('User', (), {'id': 1})())
print(json.dumps([access.payload, refresh.payload, sorted(own.payload), str(own).split('.')[0]]))`
    const env = { SECRET: SIMPLEJWT, ACCESS: access, REFRESH: refresh }
    const [accessClaims, refreshClaims, names, header] = JSON.parse(await runPython(read, { env }))
    assert.deepEqual([accessClaims.token_type, refreshClaims.token_type], ['access', 'refresh'])
    assert.equal(accessClaims.user_id, 1)
    assert.equal(accessClaims.exp - accessClaims.iat, 300)
    assert.match(accessClaims.jti, /^[0-9a-f]{32}$/)
    for (const name of names) assert.ok(name in accessClaims, name)
    assert.equal(access.split('.')[0], header)
  })

  it('signs tokens that PyJWT reads with the other contract’s secret, and with no other', async () => {
    const token = tokenOf(await signIn(test, 'drf-jwt'))
    const read = `
import json, os, jwt
token = os.environ['TOKEN']
try:
    jwt.decode(token, os.environ['OTHER'], algorithms=['HS256'])
except jwt.InvalidSignatureError:
    print(json.dumps(jwt.decode(token, os.environ['SECRET'], algorithms=['HS256'])))`
    const env = { SECRET: DRF_JWT, OTHER: SIMPLEJWT, TOKEN: token }
    const claims = JSON.parse(await runPython(read, { env }))
    assert.equal(claims.id, 1)
    assert.equal(claims.exp - claims.iat, 5_184_000)
  })

  it('leaves every other contract with the signing key, and publishes nothing of itself', async () => {
    for (const { contract } of CONTRACT_LOGINS.filter(({ contract }) => contract !== 'drf-token')) {
      const isShared = contract === 'simplejwt' || contract === 'drf-jwt'
      const header = headerOf(tokenOf(await signIn(test, contract)))
      assert.equal(header.alg, isShared ? 'HS256' : 'ES256', contract)
      assert.equal('kid' in header, !isShared, contract)
    }
    const { text, json } = await send(test, { method: 'GET', path: '/.well-known/jwks.json' })
    assert.equal((json as { keys: unknown[] }).keys.length, 1)
    assert.ok(!text.includes('oct') && !text.includes('"k"') && !text.includes('HS256'))
  })

  it('makes tokens that are alive here as others are: read, refreshed, verified, ended', async () => {
    const login = await signIn(test, 'simplejwt')
    assert.equal(await statusOf(test, tokenOf(login)), 200)
    const refresh = refreshTokenOf(login)
    const refreshed = await send(test, { method: 'POST', path: '/api/users/token/refresh/', json: { refresh } })
    assert.equal(refreshed.status, 200)
    const access = tokenOf(refreshed)
    assert.equal(headerOf(access).alg, 'HS256')
    assert.equal((await verified(access)).status, 200)
    const headers = { authorization: `Bearer ${access}` }
    assert.equal((await send(test, { method: 'DELETE', path: '/v1/session', headers })).status, 204)
    for (const token of [access, tokenOf(login)]) assert.equal(await statusOf(test, token), 401)
    assert.equal((await verified(access)).status, 401)
  })

  it('makes tokens that are alive also where the session is refreshed at another door', async () => {
    for (const audience of [null, 'https://api.example.com']) {
      const at = await start({ databaseUrl: database.url, config: { ...SHARED, audience } })
      const refresh_token = refreshTokenOf(await signIn(at, 'simplejwt'))
      const { json } = await send(at, { method: 'POST', path: '/v1/session/refresh', json: { refresh_token } })
      const { access_token: access } = json as { access_token: string }
      assert.deepEqual(headerOf(access), { alg: 'HS256', typ: 'JWT' })
      assert.equal(await statusOf(at, access), 200)
      await at.close()
    }
  })

  it('is worth nothing without a live session: what the project signs for itself is not taken here', async () => {
    const make = `${DJANGO}
print(json.dumps([str(AccessToken.for_user(type('User', (), {'id': 1})())), str(RefreshToken.for_user(type('User', (), {'id': 1})()))]))`
    const [access, refresh] = JSON.parse(await runPython(make, { env: { SECRET: SIMPLEJWT } }))
    assert.equal(await statusOf(test, access), 401)
    assert.equal((await verified(access)).status, 401)
    const refreshed = await send(test, { method: 'POST', path: '/api/users/token/refresh/', json: { refresh } })
    assert.equal(refreshed.status, 401)
  })

  it('is no secret of another contract: what it signs for a session of that is not taken', async () => {
    for (const [contract, own, other] of [
      ['simplejwt', SIMPLEJWT, DRF_JWT],
      ['drf-jwt', DRF_JWT, SIMPLEJWT],
    ] as const) {
      const token = tokenOf(await signIn(test, contract))
      assert.equal(await statusOf(test, hmac(token, own)), 200)
      assert.equal(await statusOf(test, hmac(token, other)), 401)
      assert.equal((await verified(hmac(token, other))).status, 401)
    }
    // A session whose tokens the signing key signs.
    const token = tokenOf(await signIn(test, 'express-jwt'))
    for (const secret of [SIMPLEJWT, DRF_JWT]) assert.equal(await statusOf(test, hmac(token, secret)), 401)
  })

  it('takes nothing in any other form than the one it is written in', async () => {
    const token = tokenOf(await signIn(test, 'simplejwt'))
    const { kid } = JSON.parse((await send(test, { method: 'GET', path: '/.well-known/jwks.json' })).text).keys[0]
    const forms = [
      { alg: 'HS256', typ: 'JWT', kid },
      { alg: 'HS256', typ: 'JWT', kid: '' },
      { alg: 'HS256', kid, typ: 'JWT' },
      { alg: 'HS256', typ: 'at+jwt' },
      { alg: 'HS256' },
      { alg: 'HS384', typ: 'JWT' },
      { alg: 'HS512', typ: 'JWT' },
      { alg: 'hs256', typ: 'JWT' },
      { alg: 'ES256', typ: 'JWT', kid },
      { alg: 'RS256', typ: 'JWT', kid },
      { alg: 'none', typ: 'JWT' },
      { alg: 'HS256', typ: 'JWT', crit: ['exp'] },
    ]
    assert.equal(await statusOf(test, hmac(token, SIMPLEJWT)), 200)
    for (const form of forms)
      assert.equal(await statusOf(test, hmac(token, SIMPLEJWT, form)), 401, JSON.stringify(form))
    for (const secret of ['', `${SIMPLEJWT}\n`, SIMPLEJWT.toUpperCase(), SIMPLEJWT.slice(0, 32)]) {
      assert.equal(await statusOf(test, hmac(token, secret)), 401)
    }
    assert.equal(await statusOf(test, `${token}A`), 401)
    assert.equal(await statusOf(test, token.split('.').slice(0, 2).join('.')), 401)
  })

  it('kills no token that was out before it was set, and takes its own along when it is taken away', async () => {
    const before = tokenOf(await signIn(plain, 'simplejwt'))
    const during = tokenOf(await signIn(test, 'simplejwt'))
    assert.equal(headerOf(before).alg, 'ES256')
    assert.equal(await statusOf(test, before), 200)
    assert.equal(await statusOf(test, during), 200)
    assert.equal(await statusOf(plain, during), 401)
    assert.equal(await statusOf(plain, before), 200)
  })

  it('is warned of when a server starts, with the file it is in and not with what is in there', async () => {
    const lines: string[] = []
    const log = createLog('warn', { write: (line) => lines.push(line) }, { isForPeople: false })
    const server = await startServer({ ...test.config, port: 0 }, { log })
    await server.stop()
    for (const [contract, { file, secret }] of [
      ['simplejwt', SHARED.simplejwtHs256Secret],
      ['drf-jwt', SHARED.drfJwtHs256Secret],
    ] as const) {
      const warning = lines.find((line) => line.includes(`tokens of ${contract} are signed HS256`))
      assert.ok(warning?.includes(file))
      assert.ok(lines.every((line) => !line.includes(secret)))
    }
  })

  it('may be one for both contracts, as where both services are one project', async () => {
    const both = { file: '/run/secrets/both', secret: SIMPLEJWT }
    const config = { ...LIGHT_HASHING, simplejwtHs256Secret: both, drfJwtHs256Secret: both }
    const one = await start({ databaseUrl: database.url, config })
    for (const contract of ['simplejwt', 'drf-jwt']) {
      assert.equal(await statusOf(one, tokenOf(await signIn(one, contract))), 200)
    }
    await one.close()
  })

  function signIn(at: TestApp, contract: string) {
    const door = CONTRACT_LOGINS.find((each: LoginDoor) => each.contract === contract)
    assert.ok(door !== undefined)
    return send(at, loginOf(door, ada.email, ada.password))
  }

  async function statusOf(at: TestApp, token: string): Promise<number> {
    const headers = { authorization: `Bearer ${token}` }
    return (await send(at, { method: 'GET', path: '/v1/session', headers })).status
  }

  function verified(token: string) {
    return send(test, { method: 'POST', path: '/api/users/token/verify/', json: { token } })
  }
})

/** The claims of a token under another header and secret. */
function hmac(token: string, secret: string, header: object = { alg: 'HS256', typ: 'JWT' }): string {
  const text = `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${token.split('.')[1]}`
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
}

function headerOf(token: string): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString())
}
