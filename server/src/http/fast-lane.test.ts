import assert from 'node:assert/strict'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { LOCAL, openEveryKind, PASSWORD } from '../../test/kit/clients.ts'
import { exchangeBytes, listen } from '../../test/kit/raw-http.ts'
import { startTestApp, type TestApp } from '../../test/kit/start-test-app.ts'

/** Is told of each request that Fastify handles. */
const HANDLED = 'tracing:fastify.request.handler:start'

describe('the fast lane', () => {
  let test: TestApp
  let port: number
  let people = 0
  before(async () => {
    test = await startTestApp({ config: { corsOrigins: ['https://app.example.com'], sessionStaleness: 60_000 } })
    port = await listen(test)
  })
  after(() => test.close())

  async function openSession() {
    const person = await test.core.register({ username: `person-${++people}`, password: PASSWORD }, LOCAL)
    return { person, tokens: await openEveryKind(test.core, person) }
  }

  /** Sends it all on one connection, which the last request ends, and says how much of it went the ordinary way. */
  async function send(request: string): Promise<{ answer: string; handled: number }> {
    let handled = 0
    const count = () => {
      handled++
    }
    subscribe(HANDLED, count)
    const answer = (await exchangeBytes(port, request)).replaceAll(/^date: .*\r\n/gim, '')
    unsubscribe(HANDLED, count)
    return { answer, handled }
  }

  const check = (token: string, lines = '', target = '/v1/session') =>
    `GET ${target} HTTP/1.1\r\nHost: x\r\nAuthorization: ${token}\r\nConnection: close\r\n${lines}\r\n`

  it('gives the very bytes that are given on the ordinary way', async () => {
    const { tokens } = await openSession()
    for (const token of [`Token ${tokens.key}`, `Bearer ${tokens.jwt}`, `Bearer ${tokens.access}`]) {
      for (const target of ['/v1/session', '/v1/session/']) {
        // An answer of the ordinary way with the same token known: an origin that nobody lets in changes nothing of it.
        const slow = await send(check(token, 'Origin: https://elsewhere.example\r\n', target))
        const fast = await send(check(token, '', target))
        assert.deepEqual({ slow: slow.handled, fast: fast.handled }, { slow: 1, fast: 0 })
        assert.match(fast.answer, /^HTTP\/1\.1 200 OK\r\n/)
        assert.equal(fast.answer, slow.answer)
      }
    }
  })

  it('takes no token that it does not know, and knows none that has ended here', async () => {
    const { person, tokens } = await openSession()
    const request = check(`Bearer ${tokens.access}`)
    const of = async () => {
      const { answer, handled } = await send(request)
      return { status: answer.slice(9, 12), handled }
    }
    assert.deepEqual(await of(), { status: '200', handled: 1 })
    assert.deepEqual(await of(), { status: '200', handled: 0 })
    await test.core.administration.revokeSession((await test.core.checkAccess(tokens.access, LOCAL)).session.id)
    assert.deepEqual(await of(), { status: '401', handled: 1 })

    const key = check(`Token ${tokens.key}`)
    await send(key)
    assert.equal((await send(key)).handled, 0)
    await test.core.administration.setActive(person.account.id, false)
    assert.equal((await send(key)).answer.slice(9, 12), '401')
  })

  it('tells of a changed profile at once', async () => {
    const { tokens } = await openSession()
    await send(check(`Token ${tokens.key}`))
    const access = await test.core.checkAccess(tokens.key, LOCAL)
    await test.core.updateProfile(access, { firstName: 'Grace', client: LOCAL })
    assert.match((await send(check(`Token ${tokens.key}`))).answer, /"first_name":"Grace"/)
  })

  it('ends with the token’s own time', async () => {
    const { tokens } = await openSession()
    const request = check(`Bearer ${tokens.access}`)
    await send(request)
    assert.equal((await send(request)).handled, 0)
    test.advance(300_000)
    const { answer, handled } = await send(request)
    assert.deepEqual({ status: answer.slice(9, 12), handled }, { status: '401', handled: 1 })
  })

  it('leaves to others whatever is not plain', async () => {
    const { tokens } = await openSession()
    const known = `Bearer ${tokens.access}`
    await send(check(known))
    const table: readonly [string, string][] = [
      [check(known, 'Origin: https://app.example.com\r\n'), '200'],
      [check(known, `Authorization: ${known}\r\n`), '401'],
      [check(known, 'Host: y\r\n'), '400'],
      [check(known, 'Expect: 200-ok\r\n'), '417'],
      [`${check(known, 'Content-Length: 1\r\n')}x`, '200'],
      [`${check(known, 'Transfer-Encoding: chunked\r\n')}0\r\n\r\n`, '200'],
      [check(`${known} x`), '401'],
      [check(`bearer ${tokens.access}`), '401'],
      [check(known).replace('GET', 'HEAD'), '200'],
      [check(known).replace('GET', 'POST'), '405'],
      [check(known, '', '/v1/sessionx'), '404'],
      [check(known, '', '//v1/session'), '404'],
      [check(known, '', 'http://elsewhere.example/v1/session'), '200'],
    ]
    for (const [request, status] of table) {
      const { answer, handled } = await send(request)
      assert.equal(answer.slice(9, 12), status, request)
      if (status === '200') assert.equal(handled, 1, request)
    }
  })

  it('tells a connection that is still open when the server closes that it ends', async () => {
    const own = await startTestApp({ config: { sessionStaleness: 60_000 } })
    const person = await own.core.register({ username: 'ada', password: PASSWORD }, LOCAL)
    const { access } = await openEveryKind(own.core, person)
    await own.core.checkAccess(access, LOCAL)
    const socket = connect({ host: '127.0.0.1', port: await listen(own) })
    let received = ''
    socket.on('data', (chunk) => (received += String(chunk)))
    // Half a request: the connection is not idle, and nobody closes it.
    const seen = once(own.app.server, 'request')
    socket.write('POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n{')
    await seen
    const closing = own.close()
    while (own.app.server.listening) await sleep(1)
    socket.write('}')
    while (!received.includes('415')) await sleep(1)
    received = ''
    socket.write(check(`Bearer ${access}`).replace('close', 'keep-alive'))
    while (!received.includes('\r\n\r\n')) await sleep(1)
    socket.destroy()
    await closing
    assert.match(received, /^HTTP\/1\.1 200 OK\r\n[\s\S]*^connection: close\r\n/im)
  })

  it('keeps answers in the order of their requests', async () => {
    const { tokens } = await openSession()
    const known = check(`Bearer ${tokens.access}`)
    await send(known)
    const open = (request: string) => request.replace('close', 'keep-alive')
    const { answer } = await send(open(known) + open(check('Bearer nonsense')) + open(known) + known)
    const statuses = [...answer.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)
    assert.deepEqual(statuses, ['200', '401', '200', '200'])
  })

  it('answers for forms as the ordinary way does, and for those of nobody who is not known to be a service', async () => {
    const { tokens } = await openSession()
    const made = await test.core.administration.createServiceClient({ name: 'lane', mayRevoke: false })
    assert.ok(made !== null)
    const { id, secret } = { ...made.client, secret: made.secret }
    const basic = (password: string) => `Basic ${Buffer.from(`${id}:${password}`).toString('base64')}`
    const ask = (form: string, lines: string, type = 'application/x-www-form-urlencoded') =>
      `POST /v1/introspect HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(form)}\r\n${lines}\r\n${form}`
    const known = `Authorization: ${basic(secret)}\r\n`

    for (const token of [tokens.key, tokens.jwt, tokens.access]) {
      const slow = await send(ask(`token=${token}`, `${known}Origin: https://elsewhere.example\r\n`))
      const fast = await send(ask(`token=${token}`, known))
      assert.deepEqual({ slow: slow.handled, fast: fast.handled }, { slow: 1, fast: 0 })
      assert.match(fast.answer, /^HTTP\/1\.1 200 OK\r\n[\s\S]*"active":true/)
      assert.equal(fast.answer, slow.answer)
      const inForm = await send(ask(`token=${token}&client_id=${id}&client_secret=${secret}`, ''))
      assert.deepEqual(inForm, fast)
    }

    const table: readonly [string, RegExp][] = [
      [ask(`token=${tokens.refresh}`, known), /"active":false/],
      [ask(`token=${'0'.repeat(40)}`, known), /"active":false/],
      [ask(`token=${tokens.key}`, `Authorization: ${basic('another')}\r\n`), /^HTTP\/1\.1 401/],
      [ask(`token=${tokens.key}`, ''), /^HTTP\/1\.1 401/],
      [ask(`token=${tokens.key}&token=${tokens.key}`, known), /^HTTP\/1\.1 400/],
      [ask('', known), /^HTTP\/1\.1 400/],
      [ask(`token=${tokens.key}`, known, 'application/json'), /^HTTP\/1\.1 415/],
      [ask(`token=${tokens.key}&x=${'x'.repeat(20_000)}`, known), /^HTTP\/1\.1 413/],
    ]
    for (const [request, expected] of table) assert.match((await send(request)).answer, expected, request.slice(0, 400))

    await test.core.administration.deleteServiceClient(made.client)
    assert.match((await send(ask(`token=${tokens.key}`, known))).answer, /^HTTP\/1\.1 401/)
  })

  it('waits for no body: one that comes in pieces is answered on the ordinary way, whole', async () => {
    const { tokens } = await openSession()
    const made = await test.core.administration.createServiceClient({ name: 'pieces', mayRevoke: false })
    assert.ok(made !== null)
    const form = `token=${tokens.key}&client_id=${made.client.id}&client_secret=${made.secret}`
    const head = `POST /v1/introspect HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${form.length}\r\n\r\n`
    await send(head + form)
    const whole = await send(head + form)
    assert.equal(whole.handled, 0)
    assert.equal(await exchangePieces(port, [head, form.slice(0, 20), form.slice(20)]), whole.answer)
  })
})

/** Writes pieces as packets of their own, and reads until the other side ends. */
async function exchangePieces(port: number, pieces: readonly string[]): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true })
  const chunks: Buffer[] = []
  const writing = (async () => {
    for (const piece of pieces) {
      socket.write(piece)
      await sleep(20)
    }
  })()
  for await (const chunk of socket) chunks.push(Buffer.from(chunk))
  await writing
  return Buffer.concat(chunks)
    .toString('latin1')
    .replaceAll(/^date: .*\r\n/gim, '')
}
