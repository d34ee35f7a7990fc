import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { EXAMPLES } from '../src/api/examples.ts'
import type { Config } from '../src/config/config.ts'
import { describeService } from '../src/openapi/describe-service.ts'
import { type Document, METHODS } from '../src/openapi/document.ts'
import { PASSWORD } from './kit/clients.ts'
import { LIGHT_HASHING } from './kit/hashing.ts'
import { createSchemaTest } from './kit/schema-test.ts'
// Under another name, because no database makes a difference to what is tested here.
import { startTestApp as start, type TestApp } from './kit/start-test-app.ts'
import { send, type TableRequest, type WireAnswer } from './kit/wire.ts'

/** What a server can offer more or less of. */
const CONFIGS: Readonly<Record<string, Partial<Config>>> = {
  'with the defaults': {},
  'with letters': { mailUrl: 'file:///letters' },
  'with two contracts on shared paths': { contracts: ['simplejwt', 'drf-token'] },
  'with one contract': { contracts: ['drf-jwt'], sharedPathsDefault: 'drf-jwt' },
  'without the reference': { docs: false },
}

const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' }

for (const [title, config] of Object.entries(CONFIGS)) {
  it(`the document of a server ${title} has every path and method that is mounted, and no other`, async () => {
    const test = await start({ config: { ...LIGHT_HASHING, ...config } })
    try {
      assert.deepEqual(listDocumented(describeService(test.config)).toSorted(), listMounted(test).toSorted())
    } finally {
      await test.close()
    }
  })
}

describe('the reference', () => {
  let test: TestApp
  let document: Document
  before(async () => {
    test = await start({ config: { ...LIGHT_HASHING, corsOrigins: ['https://app.example.com'] } })
    document = describeService(test.config)
  })
  after(() => test.close())

  it('is at /openapi.json for programs, and is what the settings say', async () => {
    const answer = await send(test, { method: 'GET', path: '/openapi.json' })
    assert.equal(answer.status, 200)
    assert.equal(answer.headers['content-type'], 'application/json')
    assert.deepEqual(answer.json, JSON.parse(JSON.stringify(document)))
  })

  it('is fetched once: whoever has it is told that it has', async () => {
    for (const path of ['/openapi.json', '/docs', '/docs/style.css', '/docs/icon.svg']) {
      const first = await send(test, { method: 'GET', path })
      const { etag = '' } = first.headers
      assert.match(etag, /^"[\w-]{22}"$/, path)
      assert.equal(first.headers['cache-control'], 'no-cache')
      for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
        const again = await send(test, { method: 'GET', path, headers: { 'If-None-Match': known } })
        assert.equal(again.status, 304, known)
        assert.equal(again.text, '')
        assert.equal(again.headers.etag, etag)
      }
      assert.equal((await send(test, { method: 'GET', path, headers: { 'If-None-Match': '"other"' } })).status, 200)
    }
  })

  it('is packed for whoever can unpack it', async () => {
    for (const path of ['/openapi.json', '/docs']) {
      const plain = await test.app.inject({ method: 'GET', url: path })
      assert.equal(plain.headers['content-encoding'], undefined)
      assert.match(String(plain.headers.vary), /^Origin, Accept-Encoding$/)
      for (const accept of ['gzip', 'br, gzip', 'deflate,GZIP;q=0.5']) {
        const packed = await test.app.inject({ method: 'GET', url: path, headers: { 'accept-encoding': accept } })
        assert.equal(packed.headers['content-encoding'], 'gzip', accept)
        assert.deepEqual(gunzipSync(packed.rawPayload), plain.rawPayload)
        assert.ok(packed.rawPayload.length < plain.rawPayload.length / 5)
        assert.notEqual(packed.headers.etag, plain.headers.etag)
      }
      for (const accept of ['identity', 'gzip;q=0', 'gzip; q=0.000', 'xgzip', '']) {
        const answer = await test.app.inject({ method: 'GET', url: path, headers: { 'accept-encoding': accept } })
        assert.equal(answer.headers['content-encoding'], undefined, accept)
      }
    }
  })

  it('is only to be read', async () => {
    for (const path of ['/openapi.json', '/docs', '/docs/style.css']) {
      const head = await send(test, { method: 'HEAD', path })
      assert.equal(head.status, 200)
      assert.equal(head.text, '')
      for (const method of ['POST', 'PUT', 'DELETE']) assert.equal((await send(test, { method, path })).status, 404)
    }
  })

  it('may show its own style and icon, and do nothing else', async () => {
    const { headers, text } = await send(test, { method: 'GET', path: '/docs' })
    assert.equal(headers['content-type'], 'text/html; charset=utf-8')
    assert.equal(
      headers['content-security-policy'],
      "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    )
    assert.doesNotMatch(text, /<script|\sstyle=|\son\w+=|javascript:/i)
    for (const path of ['/docs', '/docs/style.css', '/docs/icon.svg', '/openapi.json', '/healthz']) {
      const { headers } = await send(test, { method: 'GET', path })
      assert.equal(headers['x-content-type-options'], 'nosniff', path)
      assert.equal(headers['x-frame-options'], 'DENY', path)
      assert.equal(headers['referrer-policy'], 'no-referrer', path)
      if (path !== '/docs') {
        assert.equal(headers['content-security-policy'], "default-src 'none'; frame-ancestors 'none'", path)
      }
    }
  })

  it('can be switched off, and then nothing is there', async () => {
    const without = await start({ config: { ...LIGHT_HASHING, docs: false } })
    try {
      for (const path of ['/openapi.json', '/docs', '/docs/style.css', '/docs/icon.svg']) {
        const answer = await send(without, { method: 'GET', path })
        assert.equal(answer.status, 404)
        assert.deepEqual(answer.json, { detail: 'Not found.' })
      }
    } finally {
      await without.close()
    }
  })

  it('says what the doors without documents answer', async () => {
    const { administration } = test.core
    const service = await administration.createServiceClient({ name: 'shop', mayRevoke: true })
    assert.ok(service)
    const basic = `Basic ${Buffer.from(`${service.client.id}:${service.secret}`).toString('base64')}`
    const form = (fields: Record<string, string>) => ({
      headers: { ...FORM, Authorization: basic },
      body: String(new URLSearchParams(fields)),
    })
    const json = (body: unknown) => ({ json: body })
    const ada = { identifier: 'ada', password: PASSWORD }
    const told: Record<string, string> = {}
    const bearer = () => ({ headers: { Authorization: `Bearer ${told.access_token}` } })

    const asked: readonly [string, string, number, () => Partial<TableRequest>][] = [
      ['POST', '/v1/accounts', 201, () => json({ username: 'ada', password: PASSWORD, name: 'Ada Lovelace' })],
      ['POST', '/v1/accounts', 400, () => json({ username: 'ada', password: 'short', whatever: 1 })],
      ['POST', '/v1/accounts', 415, () => ({ body: 'x', headers: { 'Content-Type': 'text/plain' } })],
      ['POST', '/v1/accounts', 413, () => json({ username: 'x'.repeat(70_000) })],
      ['POST', '/v1/sessions', 400, () => json({ ...ada, password: 'another password' })],
      ['POST', '/v1/sessions', 201, () => json(ada)],
      ['POST', '/v1/session/refresh', 200, () => json({ refresh_token: told.refresh_token })],
      ['POST', '/v1/session/refresh', 400, () => json({})],
      ['GET', '/v1/session', 200, bearer],
      ['GET', '/v1/session', 401, () => ({})],
      ['GET', '/v1/forward-auth', 200, bearer],
      ['GET', '/v1/forward-auth', 401, () => ({})],
      ['GET', '/v1/forward-auth?require=staff', 403, bearer],
      ['GET', '/v1/forward-auth?require=nonsense', 400, bearer],
      ['POST', '/v1/introspect', 200, () => form({ token: told.access_token ?? '' })],
      ['POST', '/v1/introspect', 200, () => form({ token: told.refresh_token ?? '' })],
      ['POST', '/v1/introspect', 200, () => form({ token: 'none' })],
      ['POST', '/v1/introspect', 400, () => form({})],
      ['POST', '/v1/introspect', 401, () => ({ ...form({ token: 'x' }), headers: FORM })],
      ['POST', '/v1/introspect', 415, () => json({})],
      ['POST', '/v1/revoke', 200, () => form({ token: told.access_token ?? '' })],
      ['DELETE', '/v1/session', 401, bearer],
      ['GET', '/.well-known/jwks.json', 200, () => ({})],
      ['GET', '/.well-known/oauth-authorization-server', 200, () => ({})],
      ['GET', '/healthz', 200, () => ({})],
      ['GET', '/readyz', 200, () => ({})],
      ['GET', '/openapi.json', 200, () => ({})],
    ]
    for (const [method, path, status, more] of asked) {
      const answer = await send(test, { method, path, ...more() })
      assert.equal(answer.status, status, `${method} ${path}: ${answer.text}`)
      assertDescribed(document, { method, path, answer })
      for (const [name, value] of Object.entries(answer.json ?? {})) if (typeof value === 'string') told[name] = value
    }
  })

  it('says what is answered to whatever is sent, at every operation that takes a body', async () => {
    const types = { 'Content-Type': 'application/json' }
    const sent: readonly Partial<TableRequest>[] = [
      {},
      { json: {} },
      { json: [] },
      { body: '{', headers: types },
      { body: 'x', headers: { 'Content-Type': 'text/plain' } },
      { body: '{}', headers: { ...types, Accept: 'text/html' } },
      { body: '{}', headers: { ...types, Authorization: 'Token a b' } },
      { body: '', headers: { ...types, 'Content-Encoding': 'gzip' } },
      { json: { padding: 'x'.repeat(20_000) } },
    ]
    for (const [path, item] of Object.entries(document.paths)) {
      for (const method of METHODS.filter((name) => item[name]?.requestBody !== undefined)) {
        const [media] = Object.values(item[method]?.requestBody?.content ?? {})
        const [example] = Object.values(media?.examples ?? {})
        // The members that a form has, and never what they should hold.
        const odd = Object.fromEntries(Object.keys(example?.value ?? {}).map((name) => [name, [null]]))
        for (const request of [...sent, { json: odd }]) {
          const answer = await send(test, { method: method.toUpperCase(), path, ...request })
          assertDescribed(document, { method, path, answer })
        }
      }
    }
  })

  it('shows the refusals of /v1 as they are', async () => {
    const account = { username: 'grace', password: 'short', nme: 'Grace' }
    const refused = await send(test, { method: 'POST', path: '/v1/accounts', json: account })
    assert.deepEqual(refused.json, EXAMPLES.refusedForm)
    const nobody = { identifier: 'nobody', password: PASSWORD }
    const unknown = await send(test, { method: 'POST', path: '/v1/sessions', json: nobody })
    assert.deepEqual(unknown.json, EXAMPLES.wrongCredentials)
  })
})

/** Whether the document has this reply: its type, its headers, and a schema that its body meets. */
function assertDescribed(
  document: Document,
  { method, path, answer }: { method: string; path: string; answer: WireAnswer },
): void {
  const where = `${method} ${path} ${answer.status}`
  const name = METHODS.find((name) => name === method.toLowerCase())
  assert.ok(name)
  const found = document.paths[path.replace(/\?.*/, '')]?.[name]?.responses[answer.status]
  assert.ok(found, where)
  const reply = '$ref' in found ? document.components.responses[found.$ref.split('/').at(-1) ?? ''] : found
  assert.ok(reply, where)
  for (const header of Object.keys(reply.headers ?? {})) assert.ok(header.toLowerCase() in answer.headers, header)
  const [content] = Object.entries(reply.content ?? {})
  assert.equal(content === undefined, answer.text === '', where)
  if (content === undefined) return
  const [type, { schema }] = content
  assert.equal(answer.headers['content-type']?.split(';')[0], type, where)
  assert.deepEqual(createSchemaTest(document)(schema, answer.json), [], `${where}: ${answer.text}`)
}

/** Every method at every place, as the document has them; a trailing slash makes no difference. */
function listDocumented({ paths, servers }: Document): string[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    (item.servers ?? servers).flatMap(({ url }) =>
      METHODS.filter((method) => item[method] !== undefined).map((method) =>
        place(method, `${new URL(url).pathname}${path}`),
      ),
    ),
  )
}

/** The same, as they are mounted. */
function listMounted({ app, sites }: TestApp): string[] {
  const atDoors = sites.flatMap(({ path, residents }) =>
    [...new Set(residents.flatMap((resident) => resident.path.methods))].map((method) => place(method, path)),
  )
  // What no door answers at, Fastify alone knows.
  const others = listRoutes(app).flatMap(({ path, methods }) =>
    sites.some((site) => path === site.path || path.startsWith(`${site.path}/`))
      ? []
      : methods.map((method) => place(method, path)),
  )
  assert.ok(others.includes('GET /healthz') && others.includes('GET /readyz'), String(others))
  return [...atDoors, ...others]
}

/** Every route of an app. Fastify prints them as a tree: what is below another stands further in, without its beginning. */
function listRoutes(app: TestApp['app']): { path: string; methods: string[] }[] {
  const above: string[] = []
  return app
    .printRoutes({ commonPrefix: false })
    .split('\n')
    .flatMap((line) => {
      const [, indent = '', rest = '', methods = ''] = /^([│ ]*)[├└]── (\S+) \(([A-Z, -]+)\)$/.exec(line) ?? []
      if (rest === '') return []
      above.length = indent.length / 4
      above.push(rest)
      return [{ path: above.join(''), methods: methods.split(', ') }]
    })
}

function place(method: string, path: string): string {
  return `${method.toUpperCase()} ${path.replace(/^\/+/, '/').replace(/(.)\/$/, '$1')}`
}
