import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { type OldServer, startOldServer } from '../../test/kit/old-server.ts'
import { createLegacyServer } from './legacy-server.ts'
import { findLogin } from './legacy-servers.ts'

const RIGHT = { identifier: 'ada@example.com', password: 'right' }
const WRONG = { identifier: 'ada@example.com', password: 'wrong' }

/** A server whose user is Ada, and somebody to ask it, whose clocks are turned by hand. */
async function start(context: TestContext, { patience = 60_000 }: { patience?: number } = {}) {
  const old = await startOldServer({ 'ada@example.com': { id: 7, password: 'right' } })
  let isOpen = true
  const close = async () => {
    if (isOpen) await old.close()
    isOpen = false
  }
  context.after(close)
  let time = 1_000_000
  const warnings: string[] = []
  const waits: number[] = []
  const asker = createLegacyServer({
    setting: 'LATCHKEY_LEGACY_DRF_TOKEN_URL',
    url: new URL('/api/users/login/', old.url),
    login: findLogin('drf-token'),
    now: () => time,
    warn: (words) => warnings.push(words),
    elapsed: () => time,
    wait: async (milliseconds) => void waits.push(milliseconds),
    patience,
  })
  const advance = (milliseconds: number) => {
    time += milliseconds
  }
  return { old, asker, warnings, waits, advance, close }
}

/** Has the server answer with a refusal that, by the clock that is turned, took so long. */
function refuseAfter(old: OldServer, milliseconds: number, advance: (milliseconds: number) => void): void {
  old.answer((_request, response) => {
    advance(milliseconds)
    response.writeHead(400).end('{"non_field_errors":["no"]}')
  })
}

describe('an old server', () => {
  it('is sent the fields of the login, and nothing of whoever signs in', async (context) => {
    const { old, asker } = await start(context)
    const answer = await asker.ask(RIGHT)
    assert.equal(answer.verdict, 'accepted')
    const [request] = old.received
    assert.deepEqual(JSON.parse(request?.body ?? ''), { email: 'ada@example.com', password: 'right' })
    assert.deepEqual(Object.keys(request?.headers ?? {}).sort(), [
      'accept',
      'accept-encoding',
      'connection',
      'content-length',
      'content-type',
      'host',
      'user-agent',
    ])
    assert.deepEqual(await asker.ask(WRONG), { verdict: 'refused', knowsName: false })
  })

  const faults: Readonly<Record<string, [answer: (old: OldServer) => void, says: RegExp, patience?: number]>> = {
    'does not answer in time': [(old) => old.answer(() => {}), /did not answer within 300 ms/, 300],
    'stops in the middle of an answer': [
      (old) => old.answer((_request, response) => void response.writeHead(200).write('{"key":')),
      /did not answer within 1000 ms/,
      1000,
    ],
    redirects: [
      (old) => old.answer((_request, response) => response.writeHead(307, { location: old.url }).end()),
      /it answered 307, a redirect, which is not followed/,
    ],
    'answers without end': [
      (old) => old.answer((_request, response) => response.writeHead(200).end(`{"key":"${'x'.repeat(70_000)}"}`)),
      /its answer is longer than 65536 bytes/,
    ],
    'answers garbage': [
      (old) => old.answer((_request, response) => response.writeHead(200).end('<html>')),
      /it answered 200 with something that is no JSON object/,
    ],
    'answers a list': [
      (old) => old.answer((_request, response) => response.writeHead(400).end('["no"]')),
      /it answered 400 with something that is no JSON object/,
    ],
    'breaks down': [
      (old) => old.answer((_request, response) => response.writeHead(500).end('{"error":"x"}')),
      /it answered 500, which is no answer to a login here/,
    ],
    'throttles us': [
      (old) => old.answer((_request, response) => response.writeHead(429).end('{"detail":"throttled"}')),
      /it answered 429, which is no answer to a login here/,
    ],
    'closes the connection': [
      (old) => old.answer((request) => request.socket.destroy()),
      /socket hang up|closed the connection/,
    ],
    'resets the connection': [
      (old) => old.answer((request) => request.socket.resetAndDestroy()),
      /ECONNRESET|socket hang up/,
    ],
  }
  for (const [fault, [answer, says, patience]] of Object.entries(faults)) {
    it(`that ${fault} is unavailable, and the operator is told why`, async (context) => {
      const { old, asker, warnings } = await start(context, patience === undefined ? {} : { patience })
      answer(old)
      assert.deepEqual(await asker.ask(RIGHT), { verdict: 'unavailable' })
      // A question that nobody waits for any more may not have arrived.
      assert.ok(old.received.length === 1 || patience !== undefined)
      assert.equal(warnings.length, 1)
      assert.match(warnings[0] ?? '', says)
      assert.match(
        warnings[0] ?? '',
        /Check LATCHKEY_LEGACY_DRF_TOKEN_URL .*: latchkey doctor\. .* remove LATCHKEY_LEGACY_DRF_TOKEN_URL\.$/,
      )
    })
  }

  it('that was switched off is not asked any more after five failures, but for one in half a minute', async (context) => {
    const { old, asker, warnings, advance, close } = await start(context)
    assert.equal((await asker.ask(RIGHT)).verdict, 'accepted')
    await close()
    for (let count = 0; count < 8; count++) assert.deepEqual(await asker.ask(RIGHT), { verdict: 'unavailable' })
    assert.equal(old.received.length, 1)
    assert.equal(warnings.length, 1)
    advance(60_000)
    await asker.ask(RIGHT)
    assert.equal(warnings.length, 2)
  })

  it('is left alone by everybody while it does not answer, and asked again when it does', async (context) => {
    const { old, asker, advance } = await start(context)
    old.answer(500)
    for (let count = 0; count < 8; count++) await asker.ask(RIGHT)
    assert.equal(old.received.length, 5)
    old.behave()
    advance(30_000)
    assert.equal((await asker.ask(RIGHT)).verdict, 'accepted')
    assert.equal((await asker.ask(WRONG)).verdict, 'refused')
  })

  it('is asked by 32 at once at most: who comes then is not made to wait', async (context) => {
    const { old, asker, close } = await start(context)
    const arrived = Promise.withResolvers<void>()
    old.answer(() => {
      if (old.received.length === 32) arrived.resolve()
    })
    const asking = Array.from({ length: 32 }, () => asker.ask(RIGHT))
    await arrived.promise
    assert.deepEqual(await asker.ask(RIGHT), { verdict: 'unavailable' })
    await asker.pause()
    assert.equal(old.received.length, 32)
    await close()
    for (const answer of await Promise.all(asking)) assert.deepEqual(answer, { verdict: 'unavailable' })
  })
})

describe('whoever does not ask an old server', () => {
  it('waits as long as one of the last questions took that came to nothing, each in its turn', async (context) => {
    const { old, asker, waits, advance } = await start(context)
    for (const took of [40, 70, 55]) {
      refuseAfter(old, took, advance)
      await asker.ask(WRONG)
    }
    old.behave()
    await asker.ask(RIGHT)
    for (let count = 0; count < 4; count++) await asker.pause()
    assert.deepEqual(waits, [40, 70, 55, 40])
    assert.equal(old.received.length, 4)
  })

  it('finds out how long that takes where nobody knows, with a name that nobody has', async (context) => {
    const { old, asker, waits, advance } = await start(context)
    await asker.pause()
    assert.deepEqual(waits, [])
    const [{ email = '', password = '' } = {}] = old.asked()
    assert.match(email, /^[\da-f-]{36}@latchkey\.invalid$/)
    assert.match(password, /^[\da-f-]{36}$/)
    await asker.pause()
    assert.equal(waits.length, 1)
    advance(600_000)
    await asker.pause()
    assert.equal(old.received.length, 2)
  })

  it('does not wait while nobody is asked', async (context) => {
    const { old, asker, waits } = await start(context)
    await asker.ask(WRONG)
    old.answer(500)
    for (let count = 0; count < 5; count++) await asker.ask(WRONG)
    await asker.pause()
    assert.deepEqual(waits, [])
    assert.equal(old.received.length, 6)
  })
})
