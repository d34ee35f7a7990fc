import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { createMailer } from '../src/mail/mailer.ts'
import { CONTRACT_LOGINS, loginOf, makePerson, REGISTRATIONS, registrationOf, tokenOf } from './kit/doors.ts'
import { LIGHT_HASHING } from './kit/hashing.ts'
import { ROUTES } from './kit/routes.ts'
import { makeDirectory } from './kit/server-process.ts'
import { startTestApp, type TestApp } from './kit/start-test-app.ts'

const EVIL = 'evil.example'
const PUBLIC_URL = 'https://auth.example.com'
const PROXY = '192.0.2.7'
/** Everything by which a client, or a proxy, can say where it believes to be. */
const CLAIMS = {
  host: EVIL,
  'x-forwarded-host': EVIL,
  'x-forwarded-proto': 'http',
  'x-forwarded-port': '666',
  'x-forwarded-server': EVIL,
  'x-forwarded-prefix': `/${EVIL}`,
  'x-host': EVIL,
  'x-original-host': EVIL,
  'x-original-url': `http://${EVIL}/`,
  'x-rewrite-url': `http://${EVIL}/`,
  forwarded: `for=198.51.100.9;host=${EVIL};proto=http`,
  origin: `https://${EVIL}`,
  referer: `https://${EVIL}/`,
}

describe('where a request says that it went', () => {
  let test: TestApp
  const folder = makeDirectory()
  before(async () => {
    test = await startTestApp({
      config: {
        ...LIGHT_HASHING,
        publicUrl: PUBLIC_URL,
        trustedProxies: [PROXY],
        mailUrl: 'file:///letters',
        mailFrom: 'Example <no-reply@example.com>',
        resetUrl: 'https://app.example.com/reset?uid={uid}&token={token}',
        verifyUrl: 'https://app.example.com/verify?key={key}',
      },
    })
  })
  after(() => test.close())

  async function ask(request: { method: string; path: string; json?: unknown; token?: string }, peer: string) {
    const { statusCode, headers, payload } = await test.app.inject({
      method: request.method as 'POST',
      url: request.path,
      remoteAddress: peer,
      headers: { ...CLAIMS, ...(request.token === undefined ? {} : { authorization: `Bearer ${request.token}` }) },
      ...(request.json === undefined ? {} : { payload: request.json as object }),
    })
    assert.ok(!JSON.stringify([headers, payload]).includes(EVIL), `${request.method} ${request.path}: ${payload}`)
    return { status: statusCode, json: payload === '' ? null : (JSON.parse(payload) as unknown) }
  }

  for (const peer of ['198.51.100.1', PROXY, '127.0.0.1']) {
    it(`is in no answer, no token and no letter when ${peer} says so`, async () => {
      const ada = makePerson(`ada-${peer.replaceAll('.', '-')}`)
      const registration = REGISTRATIONS[2]
      assert.ok(registration)
      assert.equal((await ask(registrationOf(registration, ada), peer)).status, 201)
      for (const login of CONTRACT_LOGINS) {
        const answer = await ask(loginOf(login, ada.email, ada.password), peer)
        assert.equal(answer.status, login.opened)
        const token = tokenOf(answer)
        if (token.includes('.')) {
          const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { iss: string }
          assert.equal(claims.iss, PUBLIC_URL)
        }
        assert.equal((await ask({ method: 'GET', path: '/v1/session', token }, peer)).status, 200)
      }
      for (const path of ['/api/users/password/reset/', '/api/users/registration/resend-email/']) {
        assert.equal((await ask({ method: 'POST', path, json: { email: ada.email } }, peer)).status, 200)
      }
      for (const { method, path } of ROUTES) await ask({ method, path }, peer)
    })
  }

  it('is in no letter as it goes out: its link is the one that the operator set', async () => {
    const { mailFrom, resetUrl, verifyUrl } = test.config
    assert.ok(mailFrom !== null && resetUrl !== null && verifyUrl !== null)
    const mailer = createMailer(`file://${folder}`, { from: mailFrom, resetUrl, verifyUrl })
    await test.core.deliverLetters()
    assert.ok(test.letters.length >= 6)
    for (const letter of test.letters) await mailer.send(letter)
    const written = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))
    assert.ok(written.length >= 6)
    for (const text of written) {
      assert.ok(!text.includes(EVIL))
      assert.match(text, /https:\/\/app\.example\.com\/(reset|verify)\?/)
    }
  })
})
