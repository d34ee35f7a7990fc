import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { createSealing } from '../src/crypto/sealing.ts'
import { LOCAL } from './kit/clients.ts'
import { LOGINS, loginOf, makePerson, REGISTRATIONS, registrationOf } from './kit/doors.ts'
import { LIGHT_HASHING } from './kit/hashing.ts'
import { ROUTES } from './kit/routes.ts'
import { makeDirectory } from './kit/server-process.ts'
import { startTestApp, type TestApp } from './kit/start-test-app.ts'
import { voiceOf } from './kit/voices.ts'
import { send, type TableRequest, type WireAnswer } from './kit/wire.ts'

const PASSWORDS = {
  first: 'canary-first-Password-1',
  changed: 'canary-changed-Password-2',
  wrong: 'canary-wrong-Password-3',
}
const SECRET = 'canary-secret-that-seals-the-signing-keys-4'
const SHARED = 'canary-secret-shared-with-a-Django-project-5'

describe('a password, a token, a key or the secret', () => {
  it('is nowhere in the log, the audit, the database and the refusals, wherever it was sent', async () => {
    const directory = makeDirectory()
    const databaseUrl = `sqlite:${join(directory, 'latchkey.db')}`
    const test = await startTestApp({
      config: {
        ...LIGHT_HASHING,
        mailUrl: 'file:///letters',
        simplejwtHs256Secret: { file: '/shared', secret: SHARED },
      },
      databaseUrl,
      secret: SECRET,
    })
    const exchanges: { request: TableRequest; answer: WireAnswer }[] = []
    const tokens = new Set<string>()

    await walkThrough()
    await writeLetters()
    const privateHalves = await changeKeys()
    for (const canary of [...Object.values(PASSWORDS), ...tokens]) await misplace(canary)
    await test.flushAudit()
    const exported = JSON.stringify(await test.core.administration.listAudit({ after: 0, limit: 1_000_000 }))
    const stored = readAll(directory)
    await breakDown()

    assert.ok(tokens.size > 20)
    const canaries = [...Object.values(PASSWORDS), ...tokens, SECRET, SHARED, ...privateHalves]
    assert.ok(stored.includes('canary-0@example.com'), 'what is stored can be found')
    for (const type of ['login_failed', 'throttled', 'password_changed', 'password_reset_failed']) {
      assert.ok(stored.includes(type) && exported.includes(type), `${type} is in the audit log`)
    }
    assert.ok(test.log.length > 2, 'something was logged')
    assert.match(test.log.join(''), /"level":50/)
    for (const canary of canaries) {
      for (const spelling of spellings(canary)) {
        assert.ok(!stored.includes(spelling), `${spelling} is in the database`)
        assert.ok(!test.log.some((line) => line.includes(spelling)), `${spelling} was logged`)
        assert.ok(!JSON.stringify(test.audit).includes(spelling), `${spelling} is in the audit`)
        assert.ok(!exported.includes(spelling), `${spelling} is in the audit log`)
      }
    }
    for (const { request, answer } of exchanges.filter(({ answer }) => answer.status >= 400)) {
      const told = JSON.stringify(answer.headers) + answer.text
      const found = canaries.find((canary) => told.includes(canary))
      assert.ok(found === undefined || isDocumentedEcho(request, found), `${request.method} ${request.path}: ${told}`)
    }

    /** Every route as it is meant to be used, and with wrong passwords. */
    async function walkThrough(): Promise<void> {
      for (const [index, registration] of REGISTRATIONS.entries()) {
        const person = { ...makePerson(`canary-${index}`), password: PASSWORDS.first }
        await ask(registrationOf(registration, person))
        await ask(registrationOf(registration, person))
        for (const login of LOGINS) {
          const name = login.takesUsernames && !registration.gives.email ? person.username : person.email
          const { json } = await ask(loginOf(login, name, PASSWORDS.first))
          await ask(loginOf(login, name, PASSWORDS.wrong))
          await ask(loginOf(login, `nobody-${name}`, PASSWORDS.wrong))
          const { refresh, ...rest } = (json ?? {}) as Record<string, string>
          const token = rest.access ?? rest.key ?? rest.token ?? rest.access_token
          if (rest.refresh_token !== undefined) {
            await ask({ method: 'POST', path: '/v1/session/refresh', json: { refresh_token: rest.refresh_token } })
          }
          if (refresh !== undefined) {
            await ask({ method: 'POST', path: '/api/users/token/refresh/', json: { refresh } })
            await ask({ method: 'POST', path: '/api/users/token/verify/', json: { token: refresh } })
          }
          if (token === undefined || index !== 0) continue
          const headers = { authorization: `Token ${token}` }
          await ask({ method: 'GET', path: '/v1/session', headers })
          await ask({ method: 'GET', path: '/api/users/user/', headers })
          for (const old of [PASSWORDS.wrong, PASSWORDS.first]) {
            const next = old === PASSWORDS.first ? PASSWORDS.changed : PASSWORDS.first
            const json = { old_password: old, new_password1: next, new_password2: next }
            await ask({ method: 'POST', path: '/api/users/password/change/', headers, json })
          }
          const account = await test.core.administration.findAccount(name)
          assert.ok(account)
          await test.core.administration.setPassword(account.id, PASSWORDS.first)
        }
      }
    }

    /** What a signing key is worth nothing without, of each that there was. */
    async function changeKeys(): Promise<readonly string[]> {
      const { administration } = test.core
      await administration.rotateKeys({ lead: 5000 })
      const [next] = await administration.listSigningKeys()
      await administration.revokeKey(next?.kid ?? '')
      const path = '/.well-known/jwks.json'
      const published = await ask({ method: 'GET', path })
      const sealing = createSealing(SECRET)
      const halves = (await test.store.listKeys()).map(({ sealedPrivateJwk }) =>
        String(JSON.parse(sealing.open(sealedPrivateJwk, 'signing-key')).d),
      )
      assert.equal(halves.length, 2)
      for (const secret of [...halves, SHARED]) assert.ok(!published.text.includes(secret))
      return halves
    }

    /** The tokens of letters: one is used up, the others stay good. */
    async function writeLetters(): Promise<void> {
      for (const path of ['/api/users/password/reset/', '/api/users/registration/resend-email/']) {
        await ask({ method: 'POST', path, json: { email: 'canary-0@example.com' } })
        await ask({ method: 'POST', path, json: { email: 'canary-3@example.com' } })
      }
      await test.core.deliverLetters()
      assert.ok(test.letters.length >= 4)
      for (const { token } of test.letters) tokens.add(token)
      const { uid, token } = test.letters.find(({ purpose }) => purpose === 'password_reset') ?? {}
      const json = { uid, token, new_password1: PASSWORDS.changed, new_password2: PASSWORDS.changed }
      const path = '/api/users/password/reset/confirm/'
      assert.equal((await ask({ method: 'POST', path, json })).status, 200)
      await ask({ method: 'POST', path, json })
    }

    /** Where people, scripts and proxies put secrets by mistake. */
    async function misplace(canary: string): Promise<void> {
      const inPath = encodeURIComponent(canary)
      for (const { method, path, fields } of ROUTES) {
        const placements: TableRequest[] = [
          { method, path: `${path}?token=${inPath}&password=${inPath}` },
          { method, path: `${path}${path.endsWith('/') ? '' : '/'}${inPath}` },
          { method, path, headers: { authorization: `Bearer ${canary}` } },
          { method, path, headers: { authorization: `Token ${canary} ${canary}` } },
          { method, path, headers: { authorization: `Basic ${Buffer.from(`a:${canary}`).toString('base64')}` } },
          { method, path, headers: { authorization: canary, cookie: `session=${canary}`, 'x-api-key': canary } },
          { method, path, headers: { referer: `https://example.com/${inPath}`, 'user-agent': canary, origin: canary } },
        ]
        if (method !== 'GET') {
          const json = { 'content-type': 'application/json' }
          placements.push(
            { method, path, headers: json, body: `{"password": "${canary}` },
            { method, path, headers: json, body: `{"${canary}": 1, "${canary}": 2}` },
            { method, path, headers: json, body: `"${canary}"` },
            { method, path, json: { [canary]: canary, __proto__: canary } },
            { method, path, headers: { 'content-type': 'text/plain' }, body: canary },
            { method, path, headers: { 'content-type': `multipart/form-data; boundary=${canary}` }, body: canary },
            { method, path, headers: { 'content-type': canary }, body: canary },
            { method, path, headers: { ...json, 'content-encoding': 'gzip' }, body: canary },
            { method, path, json: Object.fromEntries(fields.map((field) => [field, [canary]])) },
          )
          // As a name too: people type their password into the wrong field.
          if (!/regist/.test(path)) {
            placements.push({ method, path, json: Object.fromEntries(fields.map((field) => [field, canary])) })
          }
        }
        for (const placement of placements) await ask(placement)
      }
      await ask({ method: 'POST', path: `/${inPath}/${inPath}` })
    }

    /** Faults are logged with all that is known of them. */
    async function breakDown(): Promise<void> {
      await test.app.close()
      await test.store.close()
      const [token] = tokens
      for (const identifier of ['canary-0@example.com', PASSWORDS.first]) {
        const login = { identifier, password: PASSWORDS.first, client: LOCAL }
        const fault = await test.core.authenticate(login).catch((error: unknown) => error)
        assert.ok(fault instanceof Error)
        test.app.log.error({ err: fault }, 'a fault')
      }
      const fault = await test.core.checkAccess(token ?? '', LOCAL).catch((error: unknown) => error)
      test.app.log.error({ err: fault }, 'a fault')
    }

    async function ask(request: TableRequest): Promise<WireAnswer> {
      const answer = await send(test, request)
      exchanges.push({ request, answer })
      const { key, token, access, refresh, access_token, refresh_token } = (answer.json ?? {}) as Record<
        string,
        unknown
      >
      for (const value of [key, token, access, refresh, access_token, refresh_token]) {
        if (answer.status < 300 && typeof value === 'string') tokens.add(value)
      }
      return answer
    }
  })

  it('is struck out of a log line under every name that it usually has', async () => {
    const test: TestApp = await startTestApp({ config: LIGHT_HASHING })
    for (const name of ['authorization', 'cookie', 'password', 'token', 'key', 'access', 'refresh', 'secret']) {
      test.app.log.info({ [name]: SECRET, headers: { [name]: SECRET }, request: { headers: { [name]: SECRET } } })
    }
    assert.ok(test.log.length >= 8)
    assert.ok(!test.log.join('').includes(SECRET))
    await test.close()
  })
})

/** As it is, and as it could come out of an encoder. */
function spellings(canary: string): string[] {
  return [canary, Buffer.from(canary).toString('base64'), Buffer.from(canary).toString('hex')]
}

function readAll(directory: string): string {
  const files = readdirSync(directory).map((name) => readFileSync(join(directory, name)))
  return Buffer.concat(files).toString('latin1')
}

/**
 * DRF names the media type that it does not read; document 003 shows what was typed into a field that is no secret; the
 * modern door names the members that it does not know.
 */
function isDocumentedEcho({ path, headers = {}, json }: TableRequest, canary: string): boolean {
  if (voiceOf(path) === 'v1') return typeof json === 'object' && json !== null && Object.hasOwn(json, canary)
  const isDrf = voiceOf(path) === 'drf'
  if (isDrf && headers['content-type'] !== undefined && !/^(app|multi|text)/.test(headers['content-type'])) return true
  if (isDrf && headers['content-type']?.startsWith('multipart/') === true) return false
  return voiceOf(path) === 'express' && typeof json === 'object' && json !== null && 'email' in json
}
