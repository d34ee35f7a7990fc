import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type Outcome, runCli } from '../kit/run-cli.ts'
import { makeDirectory } from '../kit/server-process.ts'
import { findWideLines, startDrf, startLatchkey, startProxy, startServer, type Tried } from './servers.ts'

type Json = {
  readonly ok: boolean
  readonly sent: number
  readonly agree: number
  readonly differ: number
  readonly sent_with_tokens_as_recorded: number
  readonly stopped: string | null
  readonly left_out: Readonly<Record<string, number>>
  readonly unreadable: { readonly count: number; readonly first: readonly { line: number; problem: string }[] }
  readonly findings: readonly {
    readonly line: number
    readonly request: string
    readonly count: number
    readonly differences: readonly { readonly at: string; readonly old: string; readonly new: string }[]
  }[]
}

type Step = {
  readonly method?: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly json?: unknown
}

const FAST = ['--per-second', '10000', '--timeout', '60']
const WRITES = 'writes, or could (--all sends it)'
const LOGOUT = 'would end a session that this rehearsal did not open (--all sends it)'
const ADA = { username: 'ada.rehearses', password: 'Correct-Horse-1-Ada' }

describe('latchkey rehearse at Django with SimpleJWT and at Latchkey', () => {
  let old: string
  let latchkey: Tried
  let fresh: string
  before(async () => {
    old = `${await startDrf()}/simplejwt`
    latchkey = await startLatchkey()
    fresh = `${latchkey.url}/simplejwt`
    await send(fresh, { path: '/api/users/register/', json: { ...ADA, username: 'somebody.before' } })
    for (const url of [old, fresh]) await send(url, { path: '/api/users/register/', json: ADA })
  })
  after(() => latchkey.close())

  it('replays a browser’s HAR with the tokens that each server gives, and finds both alike', async () => {
    const file = await recordHar(old, (tokens) => [
      { path: '/api/users/login/', json: ADA },
      { path: '/api/users/token/refresh/', json: { refresh: tokens.refresh } },
      { path: '/api/users/token/verify/', json: { token: tokens.access } },
      { path: '/api/users/login/', json: { ...ADA, password: 'not hers at all' } },
      { path: '/api/users/logout/', headers: { authorization: `Bearer ${tokens.access}` } },
      { path: '/api/users/register/', json: ADA },
      { method: 'GET', path: '/api/users/login/' },
    ])
    const { code, json } = await replay(file, { old, fresh })
    assert.deepEqual(json.findings, [])
    assert.equal(json.sent, 6)
    assert.equal(json.sent_with_tokens_as_recorded, 0)
    assert.deepEqual(json.left_out, { [WRITES]: 1 })
    assert.equal(code, 0)
  })

  it('compares ids where they were to be kept, in claims too', async () => {
    const file = await recordHar(old, () => [{ path: '/api/users/login/', json: ADA }])
    const { code, json } = await replay(file, { old, fresh }, ['--keep-ids'])
    assert.equal(code, 1)
    const places = json.findings.flatMap(({ differences }) => differences.map(({ at }) => at))
    assert.deepEqual(places, ['body.refresh.claims.user_id', 'body.access.claims.user_id'])
  })

  it('shows each difference once, with how often it came, and the line of the first', async () => {
    const bad = { path: '/api/users/token/refresh/', json: { refresh: 'no token at all' } }
    const file = writeLines([bad, bad, { path: '/api/users/login/', json: ADA }])
    const { code, json } = await replay(file, { old, fresh })
    assert.equal(code, 1)
    assert.deepEqual(json.findings, [
      {
        line: 1,
        request: 'POST /api/users/token/refresh/',
        count: 2,
        differences: [{ at: 'body.code', old: '"token_not_valid"', new: 'absent' }],
      },
    ])
    assert.deepEqual([json.sent, json.agree, json.differ], [3, 1, 2])
    const { stdout } = await run(file, { old, fresh })
    assert.match(
      stdout,
      /\n\nLine 1: POST \/api\/users\/token\/refresh\/, and 1 request like it\n {2}body\.code\n {4}old {2}"token_not_valid"\n {4}new {2}absent\n/,
    )
    assert.match(stdout, /\n3 requests sent to both: 1 agree, 2 differ\.\n$/)
    assert.deepEqual(findWideLines(stdout), [])
  })

  it('puts the latest tokens where JSON lines ask for them, and leaves out the logout of somebody else', async () => {
    const file = writeLines([
      { path: '/api/users/logout/', headers: { Authorization: 'Bearer somebody.elses.token' } },
      { path: '/api/users/login/', json: ADA },
      { path: '/api/users/token/refresh/', json: { refresh: '{{refresh}}' } },
      { path: '/api/users/logout/', headers: { Authorization: 'Bearer {{access}}' } },
    ])
    const { code, json } = await replay(file, { old, fresh })
    assert.equal(code, 0)
    assert.equal(json.sent, 3)
    assert.deepEqual(json.left_out, { [LOGOUT]: 1 })
  })

  it('sends what writes only when it is told to', async () => {
    const file = writeLines([{ path: '/api/users/register/', json: { username: 'written', password: 'Password-123' } }])
    assert.deepEqual((await replay(file, { old, fresh })).json.sent, 0)
    const { code, json } = await replay(file, { old, fresh }, ['--all'])
    assert.deepEqual([code, json.sent, json.agree], [0, 1, 1])
    const again = await replay(file, { old, fresh }, ['--all'])
    assert.deepEqual([again.code, again.json.agree], [0, 1])
  })

  it('takes bodies for the logins of an access log from a file', async () => {
    const file = write('access.log', [
      '203.0.113.9 - - [10/Oct/2026:13:55:36 +0000] "POST /api/users/login/ HTTP/1.1" 200 512 "-" "Mozilla/5.0"',
      'what no server writes',
      '203.0.113.9 - - [10/Oct/2026:13:55:37 +0000] "GET /api/users/login/?next=/secret HTTP/1.1" 405 40 "-" "-"',
      '203.0.113.9 - - [10/Oct/2026:13:55:38 +0000] "GET /static/app.js HTTP/1.1" 200 40 "-" "-"',
    ])
    const credentials = write('logins.jsonl', [JSON.stringify(ADA)])
    const { code, json } = await replay(file, { old, fresh }, ['--credentials', credentials])
    assert.deepEqual(json.findings, [])
    assert.equal(json.sent, 2)
    assert.deepEqual(json.left_out, { 'fetches a file': 1 })
    assert.deepEqual(json.unreadable, { count: 1, first: [{ line: 2, problem: 'has no request in quotes' }] })
    assert.equal(code, 0)
  })
})

describe('latchkey rehearse', () => {
  let latchkey: Tried
  before(async () => {
    latchkey = await startLatchkey()
    await send(latchkey.url, { path: '/simplejwt/api/users/register/', json: ADA })
  })
  after(() => latchkey.close())

  it('shows no password, no token, no cookie and no value of a query, in words and in JSON', async () => {
    const secrets = ['hunter2-hunter2', 'sessionid-4711-secret', 'eyJhbGciOiJub25lIn0.eyJhIjoxfQ.c2ln', 'q-secret']
    const [password, cookie, token, query] = secrets
    const echo = (word: string) =>
      startServer((asked, response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'set-cookie': `s${word}=${cookie}` })
        const { authorization } = asked.headers
        const code = word.repeat(20)
        response.end(
          JSON.stringify({
            word,
            password: `${password}${word}`,
            said: `${authorization} ${code}`,
            token: word,
            again: `${word} ${asked.path} ${asked.body}`,
            list: [asked.body, word],
          }),
        )
      })
    const [old, fresh] = await Promise.all([echo('1f'), echo('2e')])
    try {
      const file = writeLines([
        {
          path: `/api/login/?token=${query}`,
          headers: { Authorization: `Bearer ${token}`, Cookie: `sid=${cookie}` },
          json: { username: 'x', password, secret: '{{token}}' },
        },
      ])
      for (const options of [[], ['--json']]) {
        const { code, stdout, stderr } = await run(file, { old: old.url, fresh: fresh.url }, options)
        assert.equal(code, 1)
        assert.match(stdout, /body\.word/)
        assert.match(stdout, /\(hidden\)/)
        for (const secret of [...secrets, '1f'.repeat(20), '2e'.repeat(20)]) {
          assert.ok(!`${stdout}${stderr}`.includes(secret), secret)
        }
      }
      const [asked] = old.asked
      assert.equal(asked?.headers.authorization, `Bearer ${token}`)
      assert.equal(asked?.headers.cookie, `sid=${cookie}`)
    } finally {
      await Promise.all([old.close(), fresh.close()])
    }
  })

  it('ends no session that was there before, also by a token that was given for one of its tokens', async () => {
    let given = 0
    const site = (name: string) =>
      startServer((_asked, response) => {
        response.writeHead(200, { 'content-type': 'application/json' })
        response.end(JSON.stringify({ access: `${name}-access-token-number-${++given}` }))
      })
    const [old, fresh] = await Promise.all([site('old'), site('new')])
    try {
      const refresh = 'eyJhbGciOiJub25lIn0.eyJhIjoxfQ.c2ln'
      const recorded = ['first', 'second'].map((word) => ({ access: `recorded-access-token-${word}` }))
      const logout = (word: string, body?: object) => ({
        method: 'POST',
        path: '/logout/',
        headers: { Authorization: `Bearer ${word}` },
        body,
      })
      const left = [
        logout(recorded[0]?.access ?? ''),
        logout('{{access}}'),
        { method: 'GET', path: '/accounts/logout/', headers: { Cookie: 'sessionid=of-somebody-who-is-signed-in' } },
      ]
      const lines = [
        { method: 'POST', path: '/token/refresh/', body: { refresh }, answer: { body: recorded[0] } },
        ...left,
        { method: 'POST', path: '/login/', body: ADA, answer: { body: recorded[1] } },
        logout(recorded[1]?.access ?? '', { refresh }),
        logout(recorded[1]?.access ?? ''),
        logout('{{access}}'),
      ]
      const file = write(
        'borrowed.jsonl',
        lines.map((line) => JSON.stringify(line)),
      )
      const { json } = await replay(file, { old: old.url, fresh: fresh.url })
      assert.deepEqual(json.left_out, { [LOGOUT]: left.length + 1 })
      assert.deepEqual(
        old.asked.map(({ path, body }) => [path, body.includes(refresh)]),
        [
          ['/token/refresh/', true],
          ['/login/', false],
          ['/logout/', false],
          ['/logout/', false],
        ],
      )
    } finally {
      await Promise.all([old.close(), fresh.close()])
    }
  })

  it('gives each server its own cookie in the place of the recorded one', async () => {
    const site = (name: string) =>
      startServer((_asked, response) => {
        response.writeHead(200, { 'set-cookie': `session=${name}-cookie-of-the-session; Path=/` }).end()
      })
    const [old, fresh] = await Promise.all([site('old'), site('new')])
    try {
      const recorded = 'recorded-cookie-of-the-session'
      const lines = [
        { method: 'POST', path: '/login', body: '', answer: { cookies: [`session=${recorded}`] } },
        { method: 'GET', path: '/me', headers: { Cookie: `a=b; session=${recorded}` } },
      ]
      const file = write(
        'cookies.jsonl',
        lines.map((line) => JSON.stringify(line)),
      )
      const { code } = await replay(file, { old: old.url, fresh: fresh.url })
      assert.equal(code, 0)
      assert.equal(old.asked[1]?.headers.cookie, 'a=b; session=old-cookie-of-the-session')
      assert.equal(fresh.asked[1]?.headers.cookie, 'a=b; session=new-cookie-of-the-session')
    } finally {
      await Promise.all([old.close(), fresh.close()])
    }
  })

  it('follows no redirect, and takes one to itself for the same on both', async () => {
    const site = () =>
      startServer(({ headers, path }, response) => {
        const location = path === '/there' ? `http://${headers.host}/here` : `https://other.example/${headers.host}`
        response.writeHead(302, { location }).end()
      })
    const [old, fresh] = await Promise.all([site(), site()])
    try {
      const file = writeLines([
        { method: 'GET', path: '/there' },
        { method: 'GET', path: '/away' },
      ])
      const { json } = await replay(file, { old: old.url, fresh: fresh.url })
      assert.deepEqual([old.asked.length, fresh.asked.length], [2, 2])
      assert.deepEqual(
        json.findings.map(({ line, differences }) => [line, differences.map(({ at }) => at)]),
        [[2, ['header location']]],
      )
    } finally {
      await Promise.all([old.close(), fresh.close()])
    }
  })

  it('wants to know whose requests count when a HAR has several servers’', async () => {
    const entry = (url: string) => ({ request: { method: 'GET', url, headers: [] }, response: { content: {} } })
    const entries = ['https://fonts.example/a', 'https://api.example/v1/none', 'https://api.example/v1/none'].map(entry)
    const file = write('several.har', [JSON.stringify({ log: { entries } })])
    const ends = { old: latchkey.url, fresh: latchkey.url }
    const { code, stderr } = await run(file, ends)
    assert.equal(code, 2)
    assert.match(
      stderr,
      /several servers: say with --recorded which counts \(https:\/\/fonts\.example, https:\/\/api\.example\)/,
    )
    const { json } = await replay(file, ends, ['--recorded', 'https://api.example'])
    assert.deepEqual([json.sent, json.left_out], [2, { 'went to another server': 1 }])
  })

  it('tells of lines that are no requests, and goes on', async () => {
    const lines = [
      '{',
      '[]',
      '{"method":"GET"}',
      '{"method":"GET","path":"/a b"}',
      `{"path":"${'x'.repeat(1_100_000)}"}`,
    ]
    const file = write('odd.jsonl', [...lines, '{"method":"GET","path":"/health"}'])
    const ends = { old: latchkey.url, fresh: latchkey.url }
    const { code, json } = await replay(file, ends)
    assert.deepEqual(json.unreadable.first, [
      { line: 1, problem: 'is no JSON object' },
      { line: 2, problem: 'is no JSON object' },
      { line: 3, problem: 'has no path, which begins with / and has no spaces' },
      { line: 4, problem: 'has no path, which begins with / and has no spaces' },
      { line: 5, problem: 'is longer than 1 MB' },
    ])
    assert.deepEqual([code, json.sent], [0, 1])
  })

  it('stops when a server asks it to wait, and when one is silent three times', async () => {
    const busy = await startServer((_asked, response) => {
      response.writeHead(429, { 'retry-after': '60' }).end()
    })
    const dead = await startServer((_asked, response) => {
      response.destroy()
    })
    try {
      const file = writeLines(Array.from({ length: 9 }, () => ({ path: '/login', json: {} })))
      const waiting = await run(file, { old: latchkey.url, fresh: busy.url })
      assert.equal(waiting.code, 1)
      assert.match(
        waiting.stdout.replaceAll('\n', ' '),
        /the new server answered line 1 with 429, Retry-After: 60\. Lift the limit/,
      )
      assert.equal(busy.asked.length, 1)
      const { code, json } = await replay(file, { old: dead.url, fresh: latchkey.url })
      assert.equal(code, 1)
      assert.match(json.stopped ?? '', /^the old server did not answer 3 requests in a row: the connection was closed/)
      assert.equal(dead.asked.length, 3)
    } finally {
      await Promise.all([busy.close(), dead.close()])
    }
  })

  it('finds what a new server forgot: a header, a cookie, a member, and a type', async () => {
    const base = `${latchkey.url}/simplejwt`
    const forgetful = await startProxy(base, (_asked, answer) => {
      delete answer.headers['www-authenticate']
      answer.body = answer.body.replace('"access":"', '"acces":"')
    })
    const generous = await startProxy(base, (_asked, answer) => {
      answer.headers['set-cookie'] = 'csrftoken=abc'
    })
    try {
      const file = writeLines([
        { path: '/api/users/login/', json: ADA },
        { path: '/api/users/login/', json: { ...ADA, password: 'wrong' } },
      ])
      const { json } = await replay(file, { old: generous.url, fresh: forgetful.url })
      const places = json.findings.map(({ differences }) => differences.map(({ at }) => at))
      assert.deepEqual(places, [
        ['body.access', 'body.acces', 'cookie csrftoken'],
        ['header www-authenticate', 'cookie csrftoken'],
      ])
    } finally {
      await Promise.all([forgetful.close(), generous.close()])
    }
  })

  for (const { name, args, says } of [
    { name: 'without a file', args: ['--old', 'http://a', '--new', 'http://b'], says: /FILE is missing/ },
    { name: 'without the old server', args: ['x', '--new', 'http://b'], says: /--old is missing/ },
    { name: 'without the new server', args: ['x', '--old', 'http://b'], says: /--new is missing/ },
    {
      name: 'with another kind of address',
      args: ['x', '--old', 'ftp://b', '--new', 'http://b'],
      says: /--old takes an address/,
    },
    {
      name: 'with a format that is none',
      args: ['x', '--old', 'http://a', '--new', 'http://b', '--format', 'pcap'],
      says: /--format takes/,
    },
  ]) {
    it(`explains itself ${name}`, async () => {
      const { code, stderr } = await runCli(['rehearse', ...args], { env: {} })
      assert.equal(code, 2)
      assert.match(stderr, says)
    })
  }

  it('says what is wrong with a file that is not there, or no HAR', async () => {
    const ends = { old: latchkey.url, fresh: latchkey.url }
    const missing = await run('/no/such/file', ends)
    assert.deepEqual([missing.code, missing.stderr], [1, 'latchkey: There is no file /no/such/file.\n'])
    const empty = await run(write('none.har', ['{"log":{}}']), ends)
    assert.equal(empty.code, 1)
    assert.match(empty.stderr, /none\.har is no HAR: it has no log\.entries\.\n$/)
  })
})

/** Makes requests as a browser would, and keeps them as a browser does. */
async function recordHar(url: string, steps: (tokens: Record<string, string>) => readonly Step[]): Promise<string> {
  const tokens: Record<string, string> = {}
  const entries: unknown[] = []
  const { origin, pathname } = new URL(url)
  for (let index = 0; index < steps(tokens).length; index += 1) {
    const step = steps(tokens)[index]
    assert.ok(step)
    const { request, text, status } = await send(url, step)
    Object.assign(tokens, JSON.parse(text || '{}'))
    entries.push({
      request: {
        method: request.method,
        // The path below which a server answers is no part of what was recorded of it.
        url: `${origin}${step.path}`,
        headers: Object.entries(request.headers).map(([name, value]) => ({ name, value })),
        ...(request.body === undefined ? {} : { postData: { mimeType: 'application/json', text: request.body } }),
      },
      response: { status, content: { mimeType: 'application/json', text } },
    })
  }
  assert.notEqual(pathname, '/')
  return write('recording.har', [JSON.stringify({ log: { version: '1.2', entries } })])
}

async function send(
  url: string,
  { method = 'POST', path, headers = {}, json }: Step,
): Promise<{
  request: { method: string; headers: Record<string, string>; body?: string }
  text: string
  status: number
}> {
  const body = json === undefined ? {} : { body: JSON.stringify(json) }
  const type: Record<string, string> = json === undefined ? {} : { 'content-type': 'application/json' }
  const request = { method, headers: { ...type, ...headers }, ...body }
  const reply = await fetch(`${url}${path}`, request)
  return { request, text: await reply.text(), status: reply.status }
}

function writeLines(steps: readonly Step[]): string {
  const lines = steps.map(({ method = 'POST', path, headers, json }) =>
    JSON.stringify({ method, path, headers, body: json }),
  )
  return write('recording.jsonl', lines)
}

function write(name: string, lines: readonly string[]): string {
  const file = join(makeDirectory(), name)
  writeFileSync(file, `${lines.join('\n')}\n`)
  return file
}

function run(
  file: string,
  { old, fresh }: { old: string; fresh: string },
  options: readonly string[] = [],
): Promise<Outcome> {
  return runCli(['rehearse', file, '--old', old, '--new', fresh, ...FAST, ...options], { env: {} })
}

async function replay(
  file: string,
  ends: { old: string; fresh: string },
  options: readonly string[] = [],
): Promise<Pick<Outcome, 'code'> & { json: Json }> {
  const { code, stdout, stderr } = await run(file, ends, ['--json', ...options])
  assert.notEqual(stdout, '', stderr)
  return { code, json: JSON.parse(stdout) }
}
