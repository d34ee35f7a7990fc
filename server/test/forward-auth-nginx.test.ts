import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { CONTRACT_LOGINS, loginOf, makePerson, tokenOf } from './kit/doors.ts'
import { type Nginx, startNginx } from './kit/nginx.ts'
import { exchangeBytes, readAnswers } from './kit/raw-http.ts'
import { runCli } from './kit/run-cli.ts'
import { ask, dieTogether, makeDirectory, type ServerProcess, startServerProcess } from './kit/server-process.ts'

const EXAMPLE = fileURLToPath(new URL('../../examples/nginx/', import.meta.url))
const ADA = makePerson('ada')
/** Somebody with a name as long as names can be, of which nothing may come through as it is. */
const MALLORY = { ...makePerson('mallory'), username: `m\r\nX-Auth-Staff: true\r\n+%41 ${'😀'.repeat(225)}` }
const BOSS = makePerson('boss')

/** Every header that says who somebody is, and what a client would like it to say. */
const WISHES = {
  'X-Auth-Subject': '00000000-0000-4000-8000-000000000000',
  'X-Auth-User-Id': '1000000',
  'X-Auth-Username': 'root',
  'X-Auth-Email': 'root@example.com',
  'X-Auth-Staff': 'true',
}

/** What the app in the example answers. */
type AppAnswer = {
  readonly status: number
  readonly json: Readonly<Record<string, unknown>> & { readonly received: readonly string[] }
  readonly headers: Readonly<Record<string, string>>
}

/** Where the app was not asked. */
const NO_APP = { received: [] }

describe('the example of nginx in front of an app', () => {
  const env = { DATABASE_URL: `sqlite:${join(makeDirectory(), 'latchkey.db')}`, LATCHKEY_TRUSTED_PROXIES: '127.0.0.1' }
  let latchkey: ServerProcess
  let app: Awaited<ReturnType<typeof startApp>>
  let nginx: Nginx
  let adas: Readonly<Record<string, unknown>>
  const tokens = new Map<string, string>()

  before(async () => {
    ;[latchkey, app] = await Promise.all([startServerProcess(env), startApp()])
    const server = latchkey
    const text = readFileSync(join(EXAMPLE, 'nginx.conf'), 'utf8')
    nginx = await startNginx((port) =>
      replace(text, {
        'listen 8080;': `listen 127.0.0.1:${port};`,
        'server 127.0.0.1:8000;': `server 127.0.0.1:${server.port};`,
        'server 127.0.0.1:3000;': `server 127.0.0.1:${app.port};`,
      }),
    )
    for (const person of [ADA, MALLORY]) {
      const { email, username, name, password } = person
      const { status } = await ask(`${server.url}/registration/`, { json: { email, username, name, password } })
      assert.equal(status, 201)
    }
    const args = ['accounts', 'create', '--email', BOSS.email, '--staff']
    const { code, stderr } = await runCli(args, { env, stdin: `${BOSS.password}\n` })
    assert.equal(code, 0, stderr)
    for (const login of CONTRACT_LOGINS) {
      const { path, json } = loginOf(login, ADA.email, ADA.password)
      tokens.set(login.contract, tokenOf(await ask(`${server.url}${path}`, { json })))
    }
    const { json } = await ask(`${server.url}/v1/session`, { method: 'GET', token: tokenFrom('v1') })
    const { account } = json as { account: Record<string, unknown> }
    adas = {
      subject: account.subject,
      userId: account.id,
      username: ADA.username,
      email: ADA.email,
      isStaff: false,
    }
  })
  after(async () => {
    app?.stop()
    latchkey?.kill()
    await Promise.all([nginx?.stop(), latchkey?.ended])
  })

  const tokenFrom = (contract: string) => tokens.get(contract) ?? assert.fail(`there is no token of ${contract}`)

  /** Sends lines of headers as they stand. */
  async function send(lines: readonly string[], { path = '/', method = 'GET', body = '' } = {}): Promise<AppAnswer> {
    const closing = lines.some((line) => /^connection:/i.test(line)) ? [] : ['Connection: close']
    const head = [`${method} ${path} HTTP/1.1`, 'Host: app.example.com', ...closing, ...lines]
    const bytes = await exchangeBytes(nginx.port, `${head.join('\r\n')}\r\n\r\n${body}`)
    const [answer] = readAnswers(bytes, { isHead: method === 'HEAD' }).answers
    assert.ok(answer, bytes)
    const text = Buffer.from(answer.text, 'latin1').toString()
    const json = text.startsWith('{') ? (JSON.parse(text) as AppAnswer['json']) : NO_APP
    return { status: answer.status, headers: answer.headers, json }
  }
  const withToken = (contract: string) => `Authorization: Bearer ${tokenFrom(contract)}`

  it('is the one that docs/forward-auth.md shows', () => {
    const page = readFileSync(join(EXAMPLE, '../../docs/forward-auth.md'), 'utf8')
    const [, shown] = /```nginx\n([^`]*)```/.exec(page) ?? []
    assert.equal(shown, readFileSync(join(EXAMPLE, 'nginx.conf'), 'utf8'))
  })

  it('lets nobody through without a token, and says how to send one', async () => {
    for (const lines of [
      [],
      ['Authorization: Bearer x'],
      ['Authorization: Basic YTpi'],
      [`Cookie: access=${tokenFrom('v1')}`],
    ]) {
      for (const path of ['/', '/a/page?x=1', '/staff/', '/publicly', '/public/../a', '/public%2f..%2fa', '/PUBLIC/']) {
        const answer = await send(lines, { path })
        assert.equal(answer.status, 401, path)
        assert.match(answer.headers['www-authenticate'] ?? '', /^Bearer realm="latchkey"/)
        assert.equal(answer.json, NO_APP)
      }
    }
  })

  it('lets every kind of token through by every method, tells the app whose it is, and keeps the token to itself', async () => {
    for (const { contract } of CONTRACT_LOGINS) {
      for (const method of ['GET', 'POST', 'DELETE', 'PROPFIND']) {
        const { status, json } = await send([withToken(contract)], { method, path: '/a/page?x=1' })
        const { received, ...told } = json
        assert.equal(status, 200, contract)
        assert.deepEqual(told, adas)
        assert.ok(!received.join('\n').includes(tokenFrom(contract)))
      }
    }
  })

  it('gives the app no header that a client made up, however it is written', async () => {
    const spellings = (name: string): string[] => [
      name,
      name.toLowerCase(),
      name.toUpperCase(),
      name.replaceAll('-', '_'),
      name.replace('-', '_'),
      name.replace(/-(?=[^-]*$)/, '_').toLowerCase(),
      name.replaceAll('-', '.'),
      `${name}\u00ad`,
      `-${name}`.slice(1),
    ]
    for (const [name, value] of Object.entries(WISHES)) {
      for (const spelling of spellings(name)) {
        for (const path of ['/', '/public/']) {
          const wish = `${spelling}: ${value}`
          for (const lines of [
            [wish, withToken('v1')],
            [withToken('v1'), wish, wish, `${spelling}:`, `${spelling}:${value}`],
          ]) {
            const { status, json } = await send(lines, { path })
            assert.equal(status, 200)
            assertOwn(json, path === '/' ? adas : { anonymous: true })
          }
        }
      }
    }
  })

  it('takes no name with white space or control characters about it, and no line that goes on from another', async () => {
    for (const line of [
      'X-Auth-Staff : true',
      'X-Auth-Staff\t: true',
      ' X-Auth-Staff: true',
      'X-Auth-\0Staff: true',
      'X-Other: a\r\n X-Auth-Staff: true',
      'X-Other: a\nX-Auth-Staff: true',
      'X-Other: a\rX-Auth-Staff: true',
    ]) {
      for (const path of ['/', '/public/']) {
        const { status, json } = await send([line, withToken('v1')], { path })
        if (status === 200) assertOwn(json, path === '/' ? adas : { anonymous: true })
        else assert.equal(status, 400, JSON.stringify(line))
      }
    }
  })

  it('keeps its own headers when a client names them as its connection’s own, or sends more behind the body', async () => {
    const names = Object.keys(WISHES).join(', ')
    const named = await send([withToken('v1'), `Connection: close, ${names}`])
    assertOwn(named.json, adas)
    const body = '1\r\na\r\n0\r\nX-Auth-Staff: true\r\nX_Auth_Staff: true\r\n\r\n'
    const chunked = ['Transfer-Encoding: chunked', 'Trailer: X-Auth-Staff']
    const trailing = await send([withToken('v1'), ...chunked], { method: 'POST', body })
    assert.equal(trailing.status, 200)
    assertOwn(trailing.json, adas)
  })

  it('tells the identity of the token that was checked, when several are sent', async () => {
    const other = await tokenOfMallory()
    for (const lines of [
      [withToken('v1'), `Authorization: Bearer ${other}`],
      [`Authorization: Bearer ${other}`, withToken('v1')],
      [withToken('v1'), `Authorization_: Bearer ${other}`, `authorization: Bearer ${other}`],
    ]) {
      const { status, json } = await send(lines)
      if (status !== 200) continue
      const { received, ...told } = json
      assert.ok([adas.subject, mallorys.subject].includes(told.subject as string))
      assert.ok(received.every((text) => !text.includes(other) && !text.includes(tokenFrom('v1'))))
    }
  })

  let mallorys: Readonly<Record<string, unknown>> = {}
  async function tokenOfMallory(): Promise<string> {
    const login = CONTRACT_LOGINS.find(({ contract }) => contract === 'v1')
    assert.ok(login)
    const { path, json } = loginOf(login, MALLORY.email, MALLORY.password)
    const token = tokenOf(await ask(`${latchkey.url}${path}`, { json }))
    const { json: session } = await ask(`${latchkey.url}/v1/session`, { method: 'GET', token })
    mallorys = (session as { account: Record<string, unknown> }).account
    return token
  }

  it('hands on names that no header can hold, and they are read as they were written', async () => {
    const token = await tokenOfMallory()
    const { status, json } = await send([`Authorization: Bearer ${token}`])
    assert.equal(status, 200)
    assert.deepEqual([json.username, json.isStaff, json.email], [MALLORY.username, false, MALLORY.email])
    assert.equal(mallorys.username, MALLORY.username)
  })

  it('lets staff alone through where staff is required', async () => {
    const refused = await send([withToken('v1')], { path: '/staff/' })
    assert.equal(refused.status, 403)
    assert.equal((await send([withToken('v1'), 'X-Auth-Staff: true'], { path: '/staff/?require=session' })).status, 403)
    const { json } = await ask(`${latchkey.url}/v1/sessions`, {
      json: { identifier: BOSS.email, password: BOSS.password },
    })
    const answer = await send([`Authorization: Bearer ${tokenOf({ json })}`], { path: '/staff/' })
    assert.deepEqual([answer.status, answer.json.isStaff, answer.json.email], [200, true, BOSS.email])
    assert.equal(answer.json.username, '')
  })

  it('answers nobody at the paths where nginx itself asks', async () => {
    for (const path of ['/_latchkey/session', '/_latchkey/staff', '/_latchkey/', '/_latchkey/x']) {
      assert.equal((await send([withToken('v1')], { path })).status, 404, path)
    }
  })

  it('lets a session through no longer when it has ended', async () => {
    const line = withToken('drf-token')
    assert.equal((await send([line])).status, 200)
    await ask(`${latchkey.url}/v1/session`, { method: 'DELETE', token: tokenFrom('drf-token') })
    assert.equal((await send([line])).status, 401)
  })

  it('shows the page to nobody when Latchkey cannot be asked', async () => {
    latchkey.kill()
    await latchkey.ended
    for (const { contract } of CONTRACT_LOGINS) {
      const { status, json } = await send([withToken(contract), 'X-Auth-Subject: x'])
      assert.equal(status, 500)
      assert.equal(json, NO_APP)
    }
    assert.equal((await send([], { path: '/public/' })).status, 200)
  })
})

/** What the app was told is what the token says, and nothing like one of those headers is there besides. */
function assertOwn(json: AppAnswer['json'], own: Readonly<Record<string, unknown>>): void {
  const { received, ...told } = json
  assert.deepEqual(told, own)
  const names = received.filter((_, index) => index % 2 === 0).filter((name) => /auth/i.test(name))
  const expected = 'subject' in own ? Object.keys(WISHES) : []
  assert.deepEqual(names.toSorted(), expected.toSorted())
}

/** Each of these once, or the example is no longer what this test takes it for. */
function replace(text: string, changes: Readonly<Record<string, string>>): string {
  let changed = text
  for (const [from, to] of Object.entries(changes)) {
    assert.equal(changed.split(from).length, 2, from)
    changed = changed.replace(from, to)
  }
  return changed
}

/** The app of the example, on a port that it finds itself. */
async function startApp(): Promise<{ port: number; stop: () => void }> {
  const child = spawn(process.execPath, [join(EXAMPLE, 'app.mjs')], {
    env: { ...process.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  dieTogether(child)
  const [line] = await once(child.stdout, 'data')
  return { port: Number(/:(\d+)\s*$/.exec(String(line))?.[1]), stop: () => child.kill() }
}
