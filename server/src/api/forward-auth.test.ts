import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { LOCAL, openEveryKind, PASSWORD } from '../../test/kit/clients.ts'
import { LIGHT_HASHING } from '../../test/kit/hashing.ts'
import { startTestApp, type TestApp } from '../../test/kit/start-test-app.ts'
import { send, type WireAnswer } from '../../test/kit/wire.ts'
import type { Authenticated } from '../core/account.ts'

const PATH = '/v1/forward-auth'
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'QUERY', 'REPORT']

describe('/v1/forward-auth', () => {
  let test: TestApp
  let count = 0
  let somebody: Authenticated
  let tokens: Awaited<ReturnType<typeof openEveryKind>>
  before(async () => {
    test = await startTestApp({ config: { ...LIGHT_HASHING, corsOrigins: ['https://app.example.com'] } })
  })
  after(() => test.close())
  beforeEach(async () => {
    const names = { email: `Somebody-${++count}@example.com`, username: `somebody${count}` }
    somebody = await test.core.register({ ...names, password: PASSWORD }, LOCAL)
    tokens = await openEveryKind(test.core, somebody)
  })

  const ask = (token: string | undefined, at = '', method = 'GET', headers: Readonly<Record<string, string>> = {}) => {
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }
    return send(test, { method, path: `${PATH}${at}`, headers: { ...authorization, ...headers } })
  }
  const tokenOf = async (names: { email?: string; username?: string }, contract = 'a-door', isStaff = false) => {
    const registration = { ...names, password: PASSWORD }
    const { id } = await test.core.administration.createAccount(registration, { isStaff })
    const authenticated = await test.core.authenticate({
      identifier: names.email ?? names.username ?? '',
      password: PASSWORD,
      client: LOCAL,
    })
    const client = { ...LOCAL, contract }
    const { key } = await test.core.openKeySession(authenticated, { client, lifetime: 1000 })
    return { key, id }
  }

  it('tells whose live token it is, in headers and without a body, for every kind of token', async () => {
    for (const token of [tokens.key, tokens.jwt, tokens.access]) {
      // The second is answered from memory.
      for (const scheme of ['Bearer', 'Token', 'Bearer']) {
        const answer = await send(test, { method: 'GET', path: PATH, headers: { authorization: `${scheme} ${token}` } })
        assert.equal(answer.status, 200)
        assert.equal(answer.text, '')
        assert.deepEqual(identityOf(answer), {
          'x-auth-subject': somebody.account.subject,
          'x-auth-user-id': String(somebody.account.id),
          'x-auth-username': `somebody${count}`,
          'x-auth-email': `Somebody-${count}@example.com`,
          'x-auth-staff': 'false',
        })
        assert.equal(answer.headers['cache-control'], 'no-store')
      }
    }
  })

  it('answers alike to whatever method a proxy asks by', async () => {
    const identity = identityOf(await ask(tokens.key))
    for (const method of METHODS) {
      const answer = await ask(tokens.key, '', method)
      assert.deepEqual([answer.status, answer.text, identityOf(answer)], [200, '', identity], method)
      assert.equal((await ask(undefined, '', method)).status, 401, method)
    }
  })

  it('says 401 with a challenge, and of nobody anything, without a live access token', async () => {
    const { key } = await test.core.openKeySession(somebody, { client: LOCAL, lifetime: 1000 })
    await test.core.endSession(await test.core.checkAccess(key, LOCAL), LOCAL)
    for (const token of [undefined, 'x', key, tokens.refresh, `${tokens.access}x`, tokens.key.toUpperCase()]) {
      const answer = await ask(token)
      assertRefused(answer, 401)
      assert.match(answer.headers['www-authenticate'] ?? '', /^Bearer realm="latchkey"/)
    }
    const cookie = await send(test, { method: 'GET', path: PATH, headers: { cookie: `access=${tokens.access}` } })
    assertRefused(cookie, 401)
    assertRefused(await ask(undefined, `?token=${tokens.access}`), 400)
    await test.core.administration.setActive(somebody.account.id, false)
    for (const token of [tokens.key, tokens.jwt, tokens.access]) assertRefused(await ask(token), 401)
  })

  it('lets staff and verified addresses through where they are required, and says 403 to others', async () => {
    const staff = await tokenOf({ username: `staff${count}` }, 'a-door', true)
    for (const at of ['?require=staff', '?require=staff,session', '/?require=staff', '/require=staff/a/page?x=1']) {
      const answer = await ask(staff.key, at)
      assert.equal(answer.status, 200, at)
      assert.equal(answer.headers['x-auth-staff'], 'true')
      const refused = await ask(tokens.key, at)
      assertRefused(refused, 403)
      assert.match(refused.headers['www-authenticate'] ?? '', /error="insufficient_scope"/)
      assertRefused(await ask(undefined, at), 401)
    }
    assertRefused(await ask(staff.key, '?require=verified-email'), 403)
    assertRefused(await ask(staff.key, '?require=staff,verified-email'), 403)
  })

  it('lets sessions of the named contracts through, and says 401 to others', async () => {
    for (const contract of ['simplejwt', 'drf-token', 'v1']) {
      const { key } = await tokenOf({ username: `${contract}-${count}` }, contract)
      assert.equal((await ask(key, '?contract=simplejwt,drf-token,v1&require=session')).status, 200)
      assert.equal((await ask(key, `?contract=${contract}`)).status, 200)
      const refused = await ask(key, '?contract=express-jwt')
      assertRefused(refused, 401)
      assert.match(refused.headers['www-authenticate'] ?? '', /error="invalid_token"/)
    }
  })

  it('refuses options that it does not know, whoever asks: a slip opens nothing', async () => {
    const slips = [
      'requires=staff',
      'require=Staff',
      'require=staff%20',
      'require=staff+',
      'require=',
      'require',
      'require=staff&require=session',
      'require=admin',
      'require=toString',
      'Require=staff',
      'require=staff;contract=v1',
      'require=staff,',
      'require=staff?x',
      'contract=simple-jwt',
      'contract=',
      'contract=v1,nothing',
      'contract[]=v1',
      '=',
      'x',
      '__proto__=x',
    ]
    for (const slip of slips) {
      for (const at of [`?${slip}`, `/?${slip}`, `/${slip}/page`]) {
        if (at.includes('?x/') || (at.startsWith('/') && slip.includes('?'))) continue
        for (const token of [tokens.key, undefined]) {
          const answer = await ask(token, at)
          assertRefused(answer, 400)
          assert.match(answer.text, /"code":"invalid_option"/, at)
        }
      }
    }
  })

  it('reads the options of a path below before whatever the client asked for, and nothing after them', async () => {
    const asked = [
      '',
      '/',
      '/a',
      '/a/b?page=2&contract=express-jwt&require=nothing',
      '/require=staff/x',
      '//',
      '/%00%zz?%',
    ]
    for (const path of asked) {
      assert.equal((await ask(tokens.key, `/require=session${path}`)).status, 200, path)
      assertRefused(await ask(tokens.key, `/require=staff${path}`), 403)
      assertRefused(await ask(undefined, `/require=session${path}`), 401)
    }
    // Whoever forgets them has every request refused, at the latest by the first whose path is no option.
    for (const path of ['/a', '//require=session', '/admin?require=session', '/require%3Dsession/x']) {
      assertRefused(await ask(tokens.key, path), 400)
    }
    assert.equal((await send(test, { method: 'GET', path: `${PATH}x` })).status, 404)
    assert.equal((await send(test, { method: 'GET', path: '/v1/Forward-auth/require=session' })).status, 404)
  })

  it('writes names in visible ASCII, each in its own way, and no name can end a header', async () => {
    const names = [
      'a\r\nX-Auth-Staff: true',
      'a\nb',
      ' ',
      ' lead',
      "'",
      '"',
      '%41',
      'a+b',
      'a b',
      'a%20b',
      'a,b;c=d',
      '💥',
      'ünï',
      '\u2028\u0085\u007f\u0001',
      "!'()*~._-",
      '😀'.repeat(255),
    ]
    const seen = new Set<string>()
    for (const [index, name] of names.entries()) {
      const username = `${name}${index}`
      const { key, id } = await tokenOf({ username })
      const answer = await ask(key)
      assert.equal(answer.status, 200, JSON.stringify(name))
      const { 'x-auth-username': written = '', ...rest } = identityOf(answer)
      assert.match(written, /^[A-Za-z0-9._~@%-]+$/)
      assert.equal(decodeURIComponent(written), username)
      assert.equal(new URLSearchParams(`name=${written}`).get('name'), username)
      seen.add(written)
      const email = ''
      assert.deepEqual(
        [rest['x-auth-user-id'], rest['x-auth-email'], rest['x-auth-staff']],
        [String(id), email, 'false'],
      )
    }
    assert.equal(seen.size, names.length)
    const long = `${'a'.repeat(64)}@${'b'.repeat(62)}.${'c'.repeat(62)}.${'d'.repeat(60)}.eu`
    const { key } = await tokenOf({ email: long })
    assert.equal((await ask(key)).headers['x-auth-email'], long)
    const shop = await tokenOf({ email: 'ada+shop@example.com' })
    const { 'x-auth-email': email, 'x-auth-username': none } = identityOf(await ask(shop.key))
    assert.deepEqual([email, none], ['ada%2Bshop@example.com', ''])
  })

  it('answers no preflight: a proxy would take it for leave to go on', async () => {
    const preflight = { origin: 'https://app.example.com', 'access-control-request-method': 'GET' }
    for (const at of ['', '/', '?require=session', '/require=session/a/page', '/x']) {
      const answer = await ask(undefined, at, 'OPTIONS', preflight)
      assertRefused(answer, at === '/x' ? 400 : 401)
    }
    const elsewhere = await send(test, { method: 'OPTIONS', path: '/v1/session', headers: preflight })
    assert.equal(elsewhere.status, 204)
  })
})

function identityOf({ headers }: WireAnswer): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('x-auth-')))
}

/** A refusal that names nobody. */
function assertRefused(answer: WireAnswer, status: number): void {
  assert.equal(answer.status, status, answer.text)
  assert.deepEqual(identityOf(answer), {})
}
