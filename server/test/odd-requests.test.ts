import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import { LOGINS, loginOf, makePerson, REGISTRATIONS, registrationOf, tokenOf } from './kit/doors.ts'
import { listen, readAnswers, sendBytes } from './kit/raw-http.ts'
import { ROUTES } from './kit/routes.ts'
import { startTestApp, type TestApp } from './kit/start-test-app.ts'
import { findShapeFlaws, voiceOf } from './kit/voices.ts'
import { send, type WireAnswer } from './kit/wire.ts'

/** Anything found once is found again: print another and put it here to look elsewhere. */
const SEED = 20_260_101
const REQUESTS = 10_000
const CONNECTIONS = 1500

/** No host that anybody could mean: refused before anybody looks at the path. */
const ODD_HOST = 'a b'

const FIELDS = [...new Set(ROUTES.flatMap(({ fields }) => fields as readonly string[])), 'is_staff', 'id', '__proto__']
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'QUERY', 'PURGE']
const TYPES = [
  'application/json',
  'application/json; charset=utf-8',
  'APPLICATION/JSON;charset=latin1',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=b',
  'multipart/form-data',
  'multipart/form-data; boundary=',
  'text/plain',
  'application/octet-stream',
  'application/vnd.api+json',
  '*/*',
  '',
  ';',
  'json',
]
const TEXTS = fc.oneof(
  fc.constantFrom('', ' ', 'true', 'null', 'ada@example.com', 'Password-1', '+491234567890', '\0', '\ud800', '﻿'),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc.integer({ min: 140, max: 3000 }).map((length) => 'x'.repeat(length)),
)

const path = fc.oneof(
  { weight: 30, arbitrary: fc.constantFrom(...ROUTES.map((route) => route.path)) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom('drf-jwt', 'drf-token', 'express-jwt', 'simplejwt', 'v1'), fc.constantFrom(...ROUTES))
      .map(([contract, route]) => `/${contract}${route.path}`),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        fc.constantFrom('/api/users/', '/api/auth/', '/user/', '/v1/', '/simplejwt/', '/express-jwt/', '/x'),
        fc.string({ unit: fc.constantFrom(...'abz09-._~!$&()*+,;=:@%/'), maxLength: 20 }),
      )
      .map(([start, rest]) => `${start}${rest.replace(/^\/+/, '')}`),
  },
)
const SPELLINGS = {
  plain: (text: string) => text,
  bare: (text: string) => text.replace(/\/$/, ''),
  loud: (text: string) => text.toUpperCase(),
}
const target = fc.tuple(
  path,
  fc.constantFrom('plain', 'plain', 'plain', 'plain', 'bare', 'bare', 'loud'),
  fc.constantFrom('', '', '', '', '', '', '?', '?format=xml', '?a=%', '?%00=%ff', `?${'q'.repeat(2000)}`),
)

const authorization = fc.oneof(
  fc.constantFrom(
    'Bearer',
    'Token',
    'Bearer ',
    'Token a b',
    'bearer x',
    'Basic YTpi',
    'Bearer {{access}}',
    'Token {{key}}',
  ),
  fc.string({ unit: fc.constantFrom(...'ab.=-_ 09,;"\t'), maxLength: 60 }),
  fc
    .string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 40, maxLength: 40 })
    .map((key) => `Token ${key}`),
  fc
    .array(fc.string({ unit: fc.constantFrom(...'ABCabc019-_'), maxLength: 40 }), { minLength: 3, maxLength: 3 })
    .map((parts) => `Bearer ${parts.join('.')}`),
)

const headers = fc.record(
  {
    'content-type': fc.oneof(
      fc.constantFrom(...TYPES),
      fc.string({ unit: fc.constantFrom(...'a/;=" *'), maxLength: 20 }),
    ),
    accept: fc.constantFrom(
      'application/json',
      'application/xml',
      'text/html',
      '*/*',
      '',
      ',',
      'a/b;q=0',
      'application/*',
    ),
    authorization,
    'content-encoding': fc.constantFrom('gzip', 'identity', 'br', '', 'gzip, gzip'),
    'x-forwarded-for': fc.constantFrom('1.2.3.4', '::1', 'x, y', ''),
    host: fc.constantFrom('example.com', '', ODD_HOST, 'localhost:99999'),
    origin: fc.constantFrom('https://example.com', 'null', ''),
    cookie: fc.constantFrom('sessionid=1', '=', ';'),
    expect: fc.constantFrom('100-continue'),
    range: fc.constantFrom('bytes=0-1'),
    'x-http-method-override': fc.constantFrom('DELETE', 'GET'),
    'user-agent': fc.string({ unit: fc.constantFrom(...'aé ÿ/'), maxLength: 400 }),
  },
  { requiredKeys: [] },
)

/** What gets a body read. */
const plainHeaders = fc.record(
  { 'content-type': fc.constantFrom(...TYPES.slice(0, 5)), authorization },
  { requiredKeys: ['content-type'] },
)

/** What some route takes, or nearly. */
const sound = fc
  .tuple(fc.constantFrom(...ROUTES), fc.nat(400), fc.option(TEXTS, { nil: 'Password-1', freq: 3 }))
  .map(([{ fields }, number, odd]) => {
    const values: Record<string, unknown> = {}
    for (const [index, field] of (fields as readonly string[]).entries()) {
      const text = /mail/.test(field) ? `p${number}@example.com` : /pass/.test(field) ? 'Password-1' : `p${number}`
      values[field] = number % (fields.length + 2) === index ? odd : text
    }
    return values
  })

const json = fc.oneof(
  { weight: 4, arbitrary: sound },
  { weight: 6, arbitrary: fc.dictionary(fc.constantFrom(...FIELDS), fc.oneof(TEXTS, fc.jsonValue({ maxDepth: 2 }))) },
  { weight: 1, arbitrary: fc.jsonValue() },
)
const form = fc
  .array(fc.tuple(fc.constantFrom(...FIELDS), fc.string({ unit: 'grapheme', maxLength: 30 })), { maxLength: 70 })
  .map((pairs) => new URLSearchParams(pairs).toString())
const multipart = fc
  .array(fc.tuple(fc.constantFrom(...FIELDS), fc.string({ unit: 'grapheme', maxLength: 30 })), { maxLength: 6 })
  .map(
    (pairs) =>
      `${pairs.map(([name, value]) => `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`).join('')}--b--\r\n`,
  )
const body = fc.oneof(
  { weight: 6, arbitrary: json.map((value) => Buffer.from(JSON.stringify(value))) },
  { weight: 2, arbitrary: fc.oneof(form, multipart).map((text) => Buffer.from(text)) },
  {
    weight: 2,
    arbitrary: fc.tuple(json, fc.nat(200)).map(([value, cut]) => Buffer.from(JSON.stringify(value).slice(0, cut))),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      Buffer.alloc(16 * 1024 + 1, 'x'),
      Buffer.from('['.repeat(8000)),
      Buffer.from('{"a":'.repeat(3000)),
      Buffer.from(`{"password":${'9'.repeat(5000)}}`),
      Buffer.from('﻿{}'),
      Buffer.from('{"__proto__":{"is_staff":true},"constructor":{"prototype":{}}}'),
      Buffer.alloc(0),
    ),
  },
)

describe(`odd requests, made from the seed ${SEED}`, () => {
  let test: TestApp
  let port: number
  let processId: number
  const tokens: Record<string, string> = {}
  before(async () => {
    processId = process.pid
    test = await startTestApp({ config: { mailUrl: 'file:///letters' } })
    port = await listen(test)
    const [registration] = REGISTRATIONS
    assert.ok(registration)
    const person = makePerson('ada')
    await send(test, registrationOf(registration, person))
    for (const login of LOGINS) {
      const answer = await send(test, loginOf(login, person.email, person.password), tokens)
      assert.ok(tokenOf(answer))
    }
  })
  after(() => test.close())

  it(`of which there are ${REQUESTS} are each answered in the shape of their contract, without a 5xx`, async (t) => {
    t.diagnostic(`seed ${SEED}`)
    const statuses: Record<number, number> = {}
    const property = fc.asyncProperty(
      fc.oneof({ weight: 2, arbitrary: fc.constant('POST') }, { weight: 1, arbitrary: fc.constantFrom(...METHODS) }),
      target,
      fc.oneof({ weight: 3, arbitrary: plainHeaders }, { weight: 2, arbitrary: headers }),
      fc.option(body, { nil: undefined }),
      async (method, [plain, spelling, query], fields, bytes) => {
        const url = `${SPELLINGS[spelling](plain)}${query}`
        const request = { method, path: url, headers: defined(fields), ...bodyOf(method, bytes) }
        const answer = await send(test, request, tokens)
        statuses[answer.status] = (statuses[answer.status] ?? 0) + 1
        const voice = request.headers.host === ODD_HOST ? 'none' : voiceOf(resolved(url))
        assert.deepEqual(findShapeFlaws(voice, method, answer), [], `${answer.status} ${answer.text}`)
      },
    )
    await fc.assert(property, { seed: SEED, numRuns: REQUESTS })
    t.diagnostic(`statuses ${JSON.stringify(statuses)}`)
    for (const status of [200, 201, 400, 401, 404, 405, 406, 413, 415]) {
      assert.ok((statuses[status] ?? 0) > 0, `no request was answered ${status}`)
    }
    await assertWell()
  })

  it(`written byte by byte to ${CONNECTIONS} connections are answered or cut off, without a 5xx`, async (t) => {
    const statuses: Record<number, number> = {}
    const property = fc.asyncProperty(rawRequest, async ({ pieces }) => {
      const { answers, rest } = readAnswers(await sendBytes(port, pieces), { isHead: isHead(pieces) })
      assert.equal(rest, '', 'nothing but whole answers comes back')
      for (const answer of answers) {
        statuses[answer.status] = (statuses[answer.status] ?? 0) + 1
        assert.deepEqual(findRawFlaws(answer), [], `${answer.status} ${answer.text}`)
      }
    })
    await fc.assert(property, { seed: SEED, numRuns: CONNECTIONS })
    t.diagnostic(`statuses ${JSON.stringify(statuses)}`)
    for (const status of [200, 400, 401, 404, 431]) assert.ok((statuses[status] ?? 0) > 0, `no answer was ${status}`)
    await assertWell()
  })

  it(`written one after the other to ${CONNECTIONS} connections without waiting leave no memory behind`, async (t) => {
    const statuses: Record<number, number> = {}
    const property = fc.asyncProperty(fc.array(rawRequest, { minLength: 2, maxLength: 60 }), async (requests) => {
      const bytes = Buffer.concat(requests.flatMap(({ pieces }) => pieces))
      const { answers } = readAnswers(await sendBytes(port, [bytes]), { isHead: isHead([bytes]) })
      for (const { status } of answers) statuses[status] = (statuses[status] ?? 0) + 1
    })
    const run = (numRuns: number) => fc.assert(property, { seed: SEED, numRuns })
    await run(CONNECTIONS / 3)
    const before = process.memoryUsage().rss
    await run(CONNECTIONS)
    const growth = Math.round((process.memoryUsage().rss - before) / 2 ** 20)
    t.diagnostic(`statuses ${JSON.stringify(statuses)}, grown by ${growth} MB`)
    assert.ok(growth < 150, `${growth} MB`)
    assert.deepEqual(
      Object.keys(statuses).filter((status) => Number(status) >= 500 && status !== '503'),
      [],
    )
    await assertWell()
  })

  async function assertWell(): Promise<void> {
    assert.equal(process.pid, processId)
    assert.equal((await send(test, { method: 'GET', path: '/readyz' })).status, 200)
    const login = LOGINS[2]
    assert.ok(login)
    test.advance(86_400_000)
    const { email, password } = makePerson('ada')
    assert.equal((await send(test, loginOf(login, email, password))).status, 200)
    const errors = test.log.filter((line) => (JSON.parse(line) as { level: number }).level >= 50)
    assert.deepEqual(errors, [])
  }
})

/** Pieces of HTTP, some of it sound. */
const line = fc.oneof(
  fc.constantFrom(
    'Content-Length: 5',
    'Content-Length: -1',
    'Content-Length: 2, 3',
    'Content-Length: 99999999999999999999',
    'Transfer-Encoding: chunked',
    'Transfer-Encoding: gzip, chunked',
    'Transfer-Encoding : chunked',
    'Connection: upgrade',
    'Upgrade: websocket',
    'Expect: 100-continue',
    'Expect: more',
    'Authorization: Bearer x',
    'Host: y',
    'Host: a b',
    'Connection: close',
    'TE: trailers',
    'No colon at all',
    ' folded: x',
    'Na\0me: x',
    'Name: va\x01lue',
    ': empty',
  ),
  fc.integer({ min: 15_000, max: 20_000 }).map((length) => `X-Long: ${'x'.repeat(length)}`),
  fc.integer({ min: 90, max: 500 }).map((count) => 'X: x\r\n'.repeat(count).trimEnd()),
)
const soundLine = fc.constantFrom(
  'Content-Type: application/json',
  'Content-Length: 2',
  'Transfer-Encoding: chunked',
  'Accept: */*',
  'Authorization: Bearer x',
)
const rawRequest = fc
  .record({
    method: fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom('GET', 'POST', 'POST', 'DELETE', 'OPTIONS', 'HEAD') },
      { weight: 1, arbitrary: fc.constantFrom('get', 'CONNECT', 'X', '', '\0', 'PRI') },
    ),
    target: fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...ROUTES.map((route): string => route.path)) },
      {
        weight: 2,
        arbitrary: fc.constantFrom(
          '*',
          '',
          'login',
          '//login/',
          'http://x/login/',
          '/api/auth/../login/',
          '/%',
          '/ü',
          '/\0',
        ),
      },
    ),
    version: fc.oneof(
      { weight: 9, arbitrary: fc.constant('HTTP/1.1') },
      { weight: 1, arbitrary: fc.constantFrom('HTTP/1.0', 'HTTP/2.0', 'HTTP/0.9', '', 'HTTP/1.1 x') },
    ),
    host: fc.constantFrom(['Host: x'], ['Host: x'], ['Host: x'], ['host:x'], []),
    lines: fc.array(fc.oneof({ weight: 2, arbitrary: soundLine }, { weight: 1, arbitrary: line }), { maxLength: 4 }),
    end: fc.constantFrom('\r\n', '\r\n', '\r\n', '\r\n', '\r\n', '\n', '\r'),
    body: fc.oneof(
      fc.constantFrom(
        '',
        '{}',
        '{"a":1}',
        '2\r\n{}\r\n0\r\n\r\n',
        'zz\r\n{}\r\n',
        '2;x=y\r\n{}\r\n0\r\nT: x\r\n\r\n',
        '2\r\n{}',
      ),
      fc.string({ unit: 'binary-ascii', maxLength: 40 }),
    ),
    cuts: fc.array(fc.nat(400), { maxLength: 6 }),
  })
  .map(({ method, target, version, host, lines, end, body, cuts }) => {
    const head = [`${method} ${target} ${version}`, ...host, ...lines]
    const bytes = Buffer.from(`${head.join(end)}${end}${end}${body}`)
    const marks = [0, ...cuts.filter((cut) => cut < bytes.length).toSorted((a, b) => a - b), bytes.length]
    return { pieces: marks.slice(1).map((mark, index) => bytes.subarray(marks[index], mark)) }
  })

/**
 * What comes back before there is a path is in no contract's voice, but it is JSON in the common frame; a 100 is only a
 * word between.
 */
function findRawFlaws(answer: WireAnswer): string[] {
  if (answer.status === 100) return []
  const frame = findShapeFlaws('health', 'GET', answer)
  const isJson = answer.text === '' || (typeof answer.json === 'object' && answer.json !== null)
  return [...frame, ...(answer.status < 500 ? [] : [`status ${answer.status}`]), ...(isJson ? [] : ['no JSON'])]
}

/** As the test's own client sends it: without dot segments. */
function resolved(url: string): string {
  return new URL(url, 'http://localhost').pathname
}

function isHead([first = Buffer.alloc(0), ...rest]: readonly Buffer[]): boolean {
  return (
    Buffer.concat([first, ...rest])
      .subarray(0, 5)
      .toString('latin1') === 'HEAD '
  )
}

function defined(fields: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const entries = Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return Object.fromEntries(entries)
}

function bodyOf(method: string, bytes: Buffer | undefined): { body_base64?: string } {
  return bytes === undefined || method === 'GET' || method === 'HEAD' ? {} : { body_base64: bytes.toString('base64') }
}
