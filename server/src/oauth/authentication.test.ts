import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { LOCAL, PASSWORD } from '../../test/kit/clients.ts'
import { LIGHT_HASHING } from '../../test/kit/hashing.ts'
import { makeService, postForm, type Service, writeBasic } from '../../test/kit/services.ts'
import { startTestApp, type TestApp } from '../../test/kit/start-test-app.ts'
import { send, type WireAnswer } from '../../test/kit/wire.ts'
import { errors } from './errors.ts'

const PATHS = ['/v1/introspect', '/v1/revoke'] as const
const FORM = 'application/x-www-form-urlencoded'

let test: TestApp
let service: Service
let token: string
let count = 0

before(async () => {
  test = await startTestApp({ config: LIGHT_HASHING })
})
after(() => test.close())
beforeEach(async () => {
  service = await makeService(test.core, { mayRevoke: true })
  const somebody = await test.core.register({ username: `somebody-${++count}`, password: PASSWORD }, LOCAL)
  token = (await test.core.openKeySession(somebody, { client: LOCAL, lifetime: 5000 })).key
})

const post = (path: string, body: string, headers: Readonly<Record<string, string>> = {}) =>
  send(test, { method: 'POST', path, headers: { 'content-type': FORM, ...headers }, body })

/** An error in the shape of RFC 6749 (5.2), with the characters that it allows. */
function assertRefused(answer: WireAnswer, status: number, error: string, why = ''): void {
  assert.equal(answer.status, status, `${why} ${answer.text}`)
  assert.equal(answer.headers['content-type'], 'application/json')
  assert.equal(answer.headers['cache-control'], 'no-store')
  const body = answer.json as Readonly<Record<string, unknown>>
  assert.deepEqual(Object.keys(body), ['error', 'error_description'], why)
  assert.equal(body.error, error, why)
  assert.match(String(body.error_description), /^[\x20\x21\x23-\x5b\x5d-\x7e]{10,}$/)
  assert.equal(answer.headers['www-authenticate'], status === 401 ? 'Basic realm="latchkey"' : undefined, why)
}

describe('a service', () => {
  it('says who it is as Basic or in the form, and in either way is believed', async () => {
    const { id, secret } = service
    const inForm = `token=${token}&client_id=${id}&client_secret=${secret}`
    assert.partialDeepStrictEqual((await post('/v1/introspect', inForm)).json, { active: true })
    for (const authorization of [
      writeBasic(service),
      writeBasic(service).replace('Basic', 'basic'),
      writeBasic(service).replace('Basic ', 'BASIC   '),
      `Basic ${btoa(`${id}:${secret}`)}`,
      // Percent-encoded, as RFC 6749 (2.3.1) lets any character be.
      `Basic ${btoa(`${encodeURIComponent(id).replace('_', '%5F')}:${secret.replace('_', '%5f')}`)}`,
    ]) {
      const answer = await post('/v1/introspect', `token=${token}`, { authorization })
      assert.partialDeepStrictEqual(answer.json, { active: true }, authorization)
    }
    const named = await post('/v1/introspect', `token=${token}&client_id=${id}`, { authorization: writeBasic(service) })
    assert.partialDeepStrictEqual(named.json, { active: true })
  })

  it('is refused alike without credentials, with an unknown id and with a wrong secret', async () => {
    const { id, secret } = service
    const other = await makeService(test.core, { mayRevoke: true })
    const wrong = [
      {},
      ...[
        { id, secret: `${secret.slice(0, -1)}x` },
        { id, secret: `${secret} ` },
        { id, secret: secret.toUpperCase() },
        { id, secret: other.secret },
        { id: id.toUpperCase(), secret },
        { id: 'svc_0000000000000000', secret },
        { id: 'service-1', secret },
        { id: 'x\0', secret: 'é' },
        { id: '', secret: '' },
      ].map((credentials) => ({ authorization: writeBasic(credentials) })),
      { authorization: `Basic ${btoa(id)}` },
      { authorization: `Basic ${btoa(`${id}:%`)}` },
      { authorization: 'Basic' },
      { authorization: 'Basic é' },
      { authorization: `Basic ${id}:${secret}` },
      { authorization: `Bearer ${secret}` },
      { authorization: `Bearer ${token}` },
      { authorization: secret },
    ]
    for (const path of PATHS) {
      const answers = new Set<string>()
      for (const headers of wrong) {
        const answer = await post(path, `token=${token}`, headers)
        assertRefused(answer, 401, 'invalid_client', JSON.stringify(headers))
        answers.add(answer.text)
      }
      for (const body of [
        `client_id=${id}`,
        `client_secret=${secret}`,
        `client_id=${id}&client_secret=x`,
        `client_id=&client_secret=${secret}`,
      ]) {
        answers.add((await post(path, `token=${token}&${body}`)).text)
      }
      assert.equal(answers.size, 1)
    }
    assert.partialDeepStrictEqual((await postForm(test, '/v1/introspect', { service, token })).json, { active: true })
  })

  it('may not say who it is in two ways at once', async () => {
    const { id, secret } = service
    const authorization = writeBasic(service)
    for (const path of PATHS) {
      for (const body of [
        `client_id=${id}&client_secret=${secret}`,
        `client_secret=${secret}`,
        'client_secret=x',
        'client_id=svc_0000000000000000',
      ]) {
        assertRefused(await post(path, `token=${token}&${body}`, { authorization }), 400, 'invalid_request', body)
      }
    }
    const bearer = { authorization: `Bearer ${token}` }
    const both = `token=${token}&client_id=${id}&client_secret=${secret}`
    assertRefused(await post('/v1/introspect', both, bearer), 400, 'invalid_request')
  })

  it('is no service any more from the moment it is deleted', async () => {
    const [client] = (await test.core.administration.listServiceClients()).filter(({ id }) => id === service.id)
    assert.ok(client !== undefined)
    assert.equal((await postForm(test, '/v1/introspect', { service, token })).status, 200)
    assert.equal(await test.core.administration.deleteServiceClient(client), true)
    for (const path of PATHS) assertRefused(await postForm(test, path, { service, token }), 401, 'invalid_client')
    assert.equal(await test.core.administration.deleteServiceClient(client), false)
  })

  it('that was given a new secret has the old one as long as the operator said', async () => {
    const rotate = async (grace: number) => {
      const rotated = await test.core.administration.rotateServiceSecret(service.id, { grace })
      assert.ok(rotated !== null)
      return { id: service.id, secret: rotated.secret }
    }
    const status = async (service: Service) => (await postForm(test, '/v1/introspect', { service, token })).status
    const second = await rotate(60_000)
    assert.deepEqual([await status(service), await status(second)], [200, 200])
    test.advance(60_001)
    assert.deepEqual([await status(service), await status(second)], [401, 200])
    const third = await rotate(60_000)
    const fourth = await rotate(60_000)
    assert.deepEqual([await status(second), await status(third), await status(fourth)], [401, 200, 200])
    const last = await rotate(0)
    assert.deepEqual([await status(third), await status(fourth), await status(last)], [401, 401, 200])
  })

  it('leaves its secret nowhere but with who asked for it', async () => {
    await postForm(test, '/v1/introspect', { service, token })
    await postForm(test, '/v1/introspect', { service: { id: service.secret, secret: service.secret }, token })
    await test.flushAudit()
    const entries = await test.core.administration.listAudit({ after: 0, limit: 1000 })
    const stored = await test.store.findServiceClient({ by: 'id', id: service.id })
    const everything = JSON.stringify([entries, stored, test.log, await test.core.administration.listServiceClients()])
    assert.ok(!everything.includes(service.secret) && !everything.includes(service.secret.slice(4)))
    assert.match(service.id, /^svc_[0-9a-f]{16}$/)
    assert.match(service.secret, /^lks_[A-Za-z0-9_-]{43}$/)
  })

  it('that is refused is told of in the audit log, by its id where it has one', async () => {
    const before = test.audit.length
    for (const id of [service.id, 'svc_0000000000000000']) {
      await postForm(test, '/v1/introspect', { service: { id, secret: 'x' }, token })
    }
    await post('/v1/introspect', `token=${token}`)
    assert.deepEqual(
      test.audit.slice(before).map(({ type, detail, client }) => [type, detail, client?.contract]),
      [
        ['service_client_refused', { service: service.id }, 'oauth'],
        ['service_client_refused', {}, 'oauth'],
      ],
    )
  })
})

describe('a request of a service', () => {
  it('is a POST', async () => {
    const authorization = writeBasic(service)
    for (const path of PATHS) {
      for (const method of ['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'] as const) {
        const answer = await send(test, { method, path: `${path}?token=${token}`, headers: { authorization } })
        assertRefused(answer, 405, 'invalid_request', method)
        assert.equal(answer.headers.allow, 'POST')
      }
      assert.equal((await send(test, { method: 'HEAD', path, headers: { authorization } })).status, 405)
    }
  })

  it('is a form, whatever its charset is called, and with or without a slash', async () => {
    const authorization = writeBasic(service)
    for (const type of ['application/json', 'multipart/form-data; boundary=x', 'text/plain', '', 'nonsense']) {
      for (const path of PATHS) {
        const answer = await post(path, `token=${token}`, { authorization, 'content-type': type })
        assertRefused(answer, 415, 'invalid_request', type)
      }
    }
    for (const type of [`${FORM}; charset=utf-8`, `${FORM};charset="UTF-8"`, FORM.toUpperCase()]) {
      const answer = await post('/v1/introspect/', `token=${token}`, { authorization, 'content-type': type })
      assert.partialDeepStrictEqual(answer.json, { active: true }, type)
    }
  })

  it('has one token, in its body, and each parameter once', async () => {
    const authorization = writeBasic(service)
    for (const path of PATHS) {
      for (const body of [
        '',
        'token=',
        'Token=x',
        `token=${token}&token=${token}`,
        'token=&token=x',
        'token=x&token_type_hint=a&token_type_hint=b',
        'token=x&else=1&else=1',
        'token=%ff',
        'token=%ED%A0%80',
        `token=x&${Array.from({ length: 64 }, (_, index) => `p${index}=1`).join('&')}`,
      ]) {
        assertRefused(await post(path, body, { authorization }), 400, 'invalid_request', body.slice(0, 60))
      }
      assertRefused(await post(`${path}?token=${token}`, 'x=y', { authorization }), 400, 'invalid_request')
      const huge = await post(path, `token=${'x'.repeat(17_000)}`, { authorization })
      assertRefused(huge, 413, 'invalid_request')
    }
    assert.partialDeepStrictEqual((await postForm(test, '/v1/introspect', { service, token })).json, { active: true })
  })

  it('that holds anything odd says nothing about the token to whoever is no service', async () => {
    for (const path of PATHS) {
      for (const body of [`token=${token}`, 'token=x', '']) assertRefused(await post(path, body), 401, 'invalid_client')
    }
  })
})

describe('the standards’ door', () => {
  it('words every refusal there is in the characters that OAuth allows', () => {
    for (const [code, write] of Object.entries(errors)) {
      const error = { code, detail: 'a detail', problems: [{ field: 'token' }], retryAfter: 3 } as never
      const reply = write(error, { request: { method: 'PUT' }, methods: ['POST'] } as never)
      const body = reply.body as Readonly<Record<string, string>>
      assert.deepEqual(Object.keys(body), ['error', 'error_description'], code)
      assert.match(body.error_description ?? '', /^[\x20\x21\x23-\x5b\x5d-\x7e]{10,}$/, code)
      assert.equal(reply.headers?.['content-type'], 'application/json')
    }
  })
})
