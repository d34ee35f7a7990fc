import assert from 'node:assert/strict'
import { createServer as createSecureServer } from 'node:https'
import { type AddressInfo, createServer } from 'node:net'
import { after, before, describe, it } from 'node:test'
import jwt from 'jsonwebtoken'
import { CONTRACT_NAMES } from '../../src/contracts/index.ts'
import { TRIED_CONTRACTS } from '../../src/proving/read-cases.ts'
import { makeAuthority } from '../kit/postgres-tls.ts'
import { type Outcome, runCli } from '../kit/run-cli.ts'
import { startExpress } from './express-app.ts'
import { findWideLines, startDrf, startLatchkey, startProxy, startServer, type Tried } from './servers.ts'

type Row = {
  readonly name: string
  readonly result: string
  readonly reason?: string
  readonly differences?: readonly { readonly at: string; readonly promised: string; readonly came: string }[]
}

type Json = {
  readonly ok: boolean
  readonly stopped: string | null
  readonly agree: number
  readonly known: number
  readonly differ: number
  readonly not_tried: number
  readonly names_have: string
  readonly cases: readonly Row[]
}

const FAST = ['--yes', '--per-second', '10000', '--timeout', '60']

describe('latchkey conform at a Latchkey', () => {
  let latchkey: Tried
  before(async () => {
    latchkey = await startLatchkey()
  })
  after(() => latchkey.close())

  it('knows every contract', () => {
    assert.deepEqual(TRIED_CONTRACTS, CONTRACT_NAMES)
  })

  for (const contract of CONTRACT_NAMES) {
    // Where two contracts share a path, one has it to itself below its own name.
    for (const place of contract === 'simplejwt' ? ['', '/simplejwt'] : ['']) {
      it(`finds nothing that differs from ${contract}, known or not, at ${place === '' ? 'the root' : place}`, async () => {
        const { code, json, stderr } = await tryServer(`${latchkey.url}${place}`, contract)
        assert.deepEqual(unlike(json, 'agrees', 'untried'), [])
        assert.ok(json.agree > 60, String(json.agree))
        assert.equal(stderr, '')
        assert.equal(code, 0)
        assert.equal(json.ok, true)
      })
    }
  }

  it('tells why a case was not tried', async () => {
    const { json } = await tryServer(latchkey.url, 'drf-token')
    const reasons = json.cases.filter(({ result }) => result === 'untried').map(({ reason }) => reason ?? '')
    assert.ok(reasons.length > 0)
    assert.ok(
      reasons.every((reason) => reason.length > 10 && !/answered/.test(reason)),
      String(reasons),
    )
  })

  it('sends nothing that could make an administrator, and no letter to strangers, and has its number in each name', async () => {
    const proxy = await startProxy(latchkey.url)
    try {
      for (const contract of CONTRACT_NAMES) {
        const { json } = await tryServer(proxy.url, contract)
        const bodies = proxy.asked.splice(0)
        assert.ok(bodies.length > 60)
        for (const { path, body } of bodies) {
          if (!/\/(registration|register)\/?$/.test(path)) continue
          assert.doesNotMatch(
            decodeURIComponent(body),
            /"is_staff":"?true|is_superuser|admin|@gmail|@domain\.com/,
            path,
          )
          for (const [, name = ''] of body.matchAll(/"(?:username|email)":"([^"\s]+)"/g)) {
            assert.ok(name.includes(json.names_have), name)
          }
        }
      }
    } finally {
      await proxy.close()
    }
  })
})

describe('latchkey conform at the stacks that the documents came from', () => {
  let drf: string
  let express: Tried
  before(async () => {
    drf = await startDrf()
    express = await startExpress()
  })
  after(() => express.close())

  for (const { contract, known } of [
    { contract: 'drf-jwt', known: 4 },
    { contract: 'drf-token', known: 0 },
    { contract: 'simplejwt', known: 13 },
  ]) {
    it(`knows a reason for whatever differs between ${contract} and Django REST Framework`, async () => {
      const { code, json } = await tryServer(`${drf}/${contract}`, contract)
      assert.deepEqual(unlike(json, 'agrees', 'explained', 'untried'), [])
      assert.equal(json.known, known)
      assert.ok(json.agree > 80, String(json.agree))
      assert.equal(code, 0)
    })
  }

  it('knows a reason for whatever differs between express-jwt and Express', async () => {
    const { code, json } = await tryServer(express.url, 'express-jwt')
    assert.deepEqual(unlike(json, 'agrees', 'explained', 'untried'), [])
    assert.ok(json.known > 0 && json.agree > 40, JSON.stringify([json.known, json.agree]))
    assert.equal(code, 0)
  })

  it('shows no password that such a server echoes, in a table and in JSON', async () => {
    for (const options of [[], ['--json']]) {
      const { stdout } = await runCli(['conform', express.url, '--contract', 'express-jwt', ...FAST, ...options], {
        env: {},
      })
      assert.match(stdout, /errors\.password\.value/)
      assert.doesNotMatch(stdout, /"passwor"|passwor"|password-/)
      assert.match(stdout, /\(hidden\)/)
    }
  })

  it('prints a table that fits a terminal, with each known difference and its reason', async () => {
    const { stdout } = await runCli(['conform', `${drf}/simplejwt`, '--contract', 'simplejwt', ...FAST], { env: {} })
    assert.deepEqual(findWideLines(stdout), [])
    assert.match(stdout, /^RESULT +PROMISE +CASE$/m)
    assert.match(stdout, /^agrees +document +registering$/m)
    assert.match(stdout, /^known +contract +refreshing after the logout$/m)
    assert.match(stdout, /LATCHKEY_SIMPLEJWT_CODES=true adds them here/)
    assert.match(stdout, /^\d+ cases: \d+ agree, 13 differ for a known reason, 0 differ, \d+ not tried\.$/m)
    assert.match(stdout, /^Every account that it made has \d{7} in its name\.$/m)
  })
})

describe('latchkey conform at a server that is almost right', () => {
  let latchkey: Tried
  before(async () => {
    latchkey = await startLatchkey()
  })
  after(() => latchkey.close())

  it('finds another status, a header that is gone, another word and a missing member, and fails', async () => {
    const proxy = await startProxy(latchkey.url, ({ path, method }, answer) => {
      if (answer.status === 401) delete answer.headers['www-authenticate']
      if (method === 'GET' && answer.status === 405) answer.status = 404
      answer.body = answer.body.replace('No active account', 'No account')
      if (path === '/api/users/token/refresh/' && answer.status === 200) answer.body = '{}'
    })
    try {
      const { code, json } = await tryServer(proxy.url, 'simplejwt')
      assert.equal(code, 1)
      assert.equal(json.ok, false)
      const wrong = json.cases.find(({ name }) => name === 'logging in with a wrong password')
      assert.deepEqual(wrong?.differences, [
        { at: 'header www-authenticate', promised: 'Bearer realm="api"', came: 'absent' },
        {
          at: 'body.detail',
          promised: '"No active account found with the given credentials"',
          came: '"No account found with the given credentials"',
        },
      ])
      const refreshed = json.cases.find(({ name }) => name === 'refreshing')
      assert.deepEqual(refreshed?.differences, [{ at: 'body.access', promised: '"{{access}}"', came: 'absent' }])
      const got = json.cases.find(({ name }) => name === 'GET of /api/users/login/')
      assert.deepEqual(got?.differences, [{ at: 'status', promised: '405', came: '404' }])
      const { stdout } = await runCli(['conform', proxy.url, '--contract', 'simplejwt', ...FAST], { env: {} })
      assert.match(stdout, /^DIFFERS +document +logging in with a wrong password$/m)
      assert.match(stdout, /\n\nDifferences:\n\n {4}- /)
      assert.deepEqual(findWideLines(stdout), [])
    } finally {
      await proxy.close()
    }
  })

  it('finds what a token says that ours do not, and knows that lifetimes are a choice', async () => {
    const resign = (claims: Readonly<Record<string, unknown>>) =>
      startProxy(latchkey.url, (_asked, answer) => {
        answer.body = answer.body.replace(/"access":"[^"]+"/, `"access":"${jwt.sign(claims, 'any secret')}"`)
      })
    const now = Math.floor(Date.now() / 1000)
    const claims = { token_type: 'access', jti: 'x', user_id: 1, iat: now, exp: now + 300 }
    const talkative = await resign({ ...claims, email: 'john@example.com' })
    const lasting = await resign({ ...claims, exp: now + 3600 })
    try {
      const said = findTokens((await tryServer(talkative.url, 'simplejwt')).json)
      assert.equal(said?.result, 'differs')
      assert.deepEqual(said?.differences, [{ at: 'body.access, claim email', promised: 'absent', came: 'there' }])
      const lasts = findTokens((await tryServer(lasting.url, 'simplejwt')).json)
      assert.equal(lasts?.result, 'explained')
      assert.deepEqual(lasts?.differences, [{ at: 'body.access, lifetime', promised: '300 s', came: '3600 s' }])
      assert.match(lasts?.reason ?? '', /LATCHKEY_SIMPLEJWT_ACCESS_SECONDS/)
    } finally {
      await Promise.all([talkative.close(), lasting.close()])
    }
  })

  it('takes no other answer for a known difference', async () => {
    const proxy = await startProxy(latchkey.url, ({ body }, answer) => {
      if (/"username":"[JD]OHN/i.test(body) && /JOHN/.test(body)) answer.status = 500
    })
    try {
      const { json } = await tryServer(proxy.url, 'simplejwt')
      const { result } = json.cases.find(({ name }) => /in another letter case$/.test(name)) ?? {}
      assert.equal(result, 'differs')
    } finally {
      await proxy.close()
    }
  })

  it('takes a redirect for an answer, and a page for no JSON', async () => {
    const server = await startServer(({ path }, response) => {
      if (path.includes('login')) response.writeHead(302, { location: '/elsewhere' }).end()
      else response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Hello</h1>')
    })
    try {
      const { code, json } = await tryServer(server.url, 'simplejwt')
      assert.equal(code, 1)
      assert.equal(json.agree, 0)
      assert.ok(server.asked.every(({ path }) => path !== '/elsewhere'))
      const [first] = json.cases
      assert.deepEqual(first?.differences?.at(-1), {
        at: 'body',
        promised: '{"message":"User created successfully"}',
        came: '"(14 characters of text/html)"',
      })
    } finally {
      await server.close()
    }
  })

  it('puts a header on every request, and a path before each', async () => {
    const server = await startServer((_asked, response) => {
      response.writeHead(404).end()
    })
    try {
      await tryServer(`${server.url}/accounts/`, 'express-jwt', ['--header', 'X-Bypass: let me in'])
      assert.ok(server.asked.length > 0)
      for (const { path, headers } of server.asked) {
        assert.ok(path.toLowerCase().startsWith('/accounts/api/auth/'), path)
        assert.equal(headers['x-bypass'], 'let me in')
      }
    } finally {
      await server.close()
    }
  })
})

describe('latchkey conform at a server that does not take part', () => {
  it('stops when it is asked to wait, says what to do, and fails', async () => {
    const server = await startServer(({ body }, response) => {
      const isLogin = body.includes('Password124')
      response.writeHead(isLogin ? 429 : 201, { 'retry-after': '3600', 'content-type': 'application/json' }).end('{}')
    })
    try {
      const { code, stdout } = await runCli(['conform', server.url, '--contract', 'simplejwt', ...FAST], { env: {} })
      assert.equal(code, 1)
      assert.match(
        stdout.replaceAll('\n', ' '),
        /It ended early: POST \/api\/users\/login\/ was answered 429, with Retry-After: 3600\. Lift the limit/,
      )
      assert.ok(server.asked.length < 10, String(server.asked.length))
      assert.deepEqual(findWideLines(stdout), [])
    } finally {
      await server.close()
    }
  })

  it('says in one sentence that nothing listens', async () => {
    const port = await findClosedPort()
    const { code, stdout, stderr } = await runCli(
      ['conform', `http://127.0.0.1:${port}`, '--contract', 'simplejwt', ...FAST],
      { env: {} },
    )
    assert.equal(code, 1)
    assert.equal(stdout, '')
    assert.match(stderr, /could not be tried\. There was no answer: nothing listens there \(ECONNREFUSED\)\.\n$/)
  })

  it('trusts no certificate that nobody vouches for', async () => {
    const { certificate, key } = makeAuthority('unknown').issue('server', ['IP:127.0.0.1'])
    const server = createSecureServer({ cert: certificate, key }, (_request, response) => response.end('{}'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    try {
      const { port } = server.address() as AddressInfo
      const url = `https://127.0.0.1:${port}`
      const { code, stderr } = await runCli(['conform', url, '--contract', 'simplejwt', ...FAST], { env: {} })
      assert.equal(code, 1)
      assert.match(
        stderr,
        /its certificate is not trusted \([A-Z_]+\); a private authority’s can be named in NODE_EXTRA_CA_CERTS/,
      )
    } finally {
      await new Promise((resolve) => server.close(resolve))
    }
  })

  it('gives up after three cases without an answer, and keeps what it has', async () => {
    let answered = 0
    const server = await startServer((_asked, response) => {
      answered += 1
      if (answered > 5) response.destroy()
      else response.writeHead(500).end()
    })
    try {
      const { code, json } = await tryServer(server.url, 'express-jwt')
      assert.equal(code, 1)
      assert.match(json.stopped ?? '', /no answer: the connection was closed/)
      assert.equal(server.asked.length, 8)
    } finally {
      await server.close()
    }
  })
})

describe('latchkey conform on the command line', () => {
  const unused = 'http://127.0.0.1:9'

  for (const { name, args, says } of [
    { name: 'without an address', args: ['--contract', 'simplejwt'], says: /URL is missing/ },
    { name: 'with half an address', args: ['localhost:8000', '--contract', 'simplejwt'], says: /URL takes an address/ },
    {
      name: 'with a password in the address',
      args: ['http://a:hunter2@x', '--contract', 'simplejwt'],
      says: /without a name and a password/,
    },
    { name: 'without a contract', args: [unused], says: /--contract takes the name of a contract: drf-jwt, drf-token/ },
    { name: 'with a contract that is none', args: [unused, '--contract', 'v1'], says: /--contract takes/ },
    {
      name: 'with a header that is none',
      args: [unused, '--contract', 'simplejwt', '--header', 'x'],
      says: /--header takes/,
    },
    {
      name: 'without a terminal and without --yes',
      args: [unused, '--contract', 'simplejwt'],
      says: /This makes up to \d+ accounts at .* Add --yes/,
    },
  ]) {
    it(`explains itself ${name}`, async () => {
      const { code, stderr } = await runCli(['conform', ...args], { env: {} })
      assert.equal(code, 2)
      assert.match(stderr, says)
      assert.doesNotMatch(stderr, /hunter2/)
    })
  }

  it('asks nothing of a server when somebody at a terminal says no', async () => {
    const server = await startServer((_asked, response) => {
      response.end()
    })
    try {
      const { code, stderr } = await runCli(['conform', server.url, '--contract', 'simplejwt'], {
        env: {},
        stdin: { types: ['n\n'] },
      })
      assert.equal(code, 1)
      assert.match(stderr, /Nothing was asked, and nothing made/)
      assert.equal(server.asked.length, 0)
    } finally {
      await server.close()
    }
  })
})

async function tryServer(
  url: string,
  contract: string,
  options: readonly string[] = [],
): Promise<Pick<Outcome, 'code' | 'stderr'> & { json: Json }> {
  const { code, stdout, stderr } = await runCli(
    ['conform', url, '--contract', contract, ...FAST, '--json', ...options],
    {
      env: {},
    },
  )
  assert.notEqual(stdout, '', stderr)
  return { code, stderr, json: JSON.parse(stdout) }
}

function findTokens({ cases }: Json): Row | undefined {
  return cases.find(({ name }) => name.startsWith('what the tokens say'))
}

function unlike({ cases }: Json, ...results: readonly string[]): Row[] {
  return cases.filter(({ result }) => !results.includes(result))
}

async function findClosedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
