import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { after, before, beforeEach, describe, it } from 'node:test'
import { setDefaultCACertificates } from 'node:tls'
import { makeAuthority } from '../../test/kit/postgres-tls.ts'
import { type RangeAnswer, type RangeServer, sha1, startRangeServer } from '../../test/kit/range-server.ts'
import { createBreachedPasswords } from './breached-passwords.ts'

const BREACHED = 'seen in many places'
const SOUND = 'seen in no place at all'
const PADDING = 'only there to fill the answer'

describe('breached passwords', () => {
  let server: RangeServer
  let time = 0
  let warnings: string[] = []
  before(async () => {
    server = await startRangeServer({ [BREACHED]: 42, [PADDING]: 0 })
  })
  after(() => server.close())
  beforeEach(() => {
    server.answerWith(null)
    warnings = []
    time = 1_700_000_000_000
  })
  const start = (url = server.url) =>
    createBreachedPasswords({ url, now: () => time, warn: (message) => warnings.push(message) })
  const asked = async (action: () => Promise<unknown>) => {
    const before = server.requests.length
    await action()
    return server.requests.length - before
  }

  it('are known by their hash, and padding is not', async () => {
    const isBreached = start()
    assert.equal(await isBreached(BREACHED), true)
    assert.equal(await isBreached(SOUND), false)
    assert.equal(await isBreached(PADDING), false)
    assert.deepEqual(warnings, [])
  })

  it('are asked for with five digits of a hash, for a padded answer, by name, and with nothing else', async () => {
    await start()(BREACHED)
    const { path, headers } = server.requests.at(-1) ?? assert.fail('nobody was asked')
    assert.equal(path, `/range/${sha1(BREACHED).slice(0, 5)}`)
    const { host: _, ...rest } = headers
    assert.deepEqual(rest, {
      'user-agent': 'latchkey',
      'add-padding': 'true',
      'accept-encoding': 'identity',
      connection: 'close',
    })
  })

  it('are taken in small letters and with plain line feeds, as a mirror may write them', async () => {
    server.answerWith((_request, response) => response.end(`${sha1(BREACHED).slice(5).toLowerCase()}:7\n`))
    assert.equal(await start()(BREACHED), true)
  })

  it('are asked for once in an hour, and once by many at a time', async () => {
    const isBreached = start()
    const many = () => Promise.all(Array.from({ length: 50 }, () => isBreached(BREACHED)))
    assert.equal(await asked(many), 1)
    assert.equal(await asked(() => isBreached(BREACHED)), 0)
    time += 3_600_000
    assert.equal(await asked(() => isBreached(BREACHED)), 1)
  })

  it('are asked for sixteen at a time, and of what is kept the oldest goes first', async () => {
    const isBreached = start()
    const passwords = passwordsOfDifferentRanges(20)
    assert.equal(await asked(() => Promise.all(passwords.map(isBreached))), 16)
    for (const password of passwords) await isBreached(password)
    assert.equal(await asked(() => isBreached(passwords.at(-1) ?? '')), 0)
    assert.equal(await asked(() => isBreached(passwords[0] ?? '')), 1)
  })

  const REST = sha1(BREACHED).slice(5)
  const broken: readonly [string, RangeAnswer, RegExp?][] = [
    ['an error', (_request, response) => void response.writeHead(503).end(`${REST}:9`)],
    ['another success than 200', (_request, response) => void response.writeHead(206).end(`${REST}:9`)],
    [
      'a redirection, which is not followed',
      (request, response) => {
        if (request.url?.startsWith('/range/')) response.writeHead(302, { location: '/elsewhere' }).end()
        else response.end(`${REST}:9`)
      },
    ],
    ['a page for people', (_request, response) => void response.end('<html>Please log in to this network</html>')],
    ['a list with something else in it', (_request, response) => void response.end(`${REST}:9\r\nhello`)],
    ['nothing', (_request, response) => void response.end()],
    ['a connection that is closed at once', (request) => void request.socket.destroy()],
    [
      'a connection that is closed halfway',
      (request, response) => {
        response.writeHead(200, { 'content-length': 1000 })
        response.write(`${REST}:9\r\n`, () => request.socket.destroy())
      },
    ],
    [
      'more than 512 kB',
      (_request, response) => {
        const page = `${`${REST}:9\r\n`.repeat(1000)}`
        response.on('error', () => {})
        const more = () => {
          while (!response.destroyed && response.write(page));
          if (!response.destroyed) response.once('drain', more)
        }
        more()
      },
      /its answer is longer than 524288 bytes/,
    ],
    [
      'another protocol',
      (_request, response) => void response.writeHead(101, { upgrade: 'x', connection: 'upgrade' }).end(),
    ],
  ]
  for (const [name, answer, reason = /LATCHKEY_BREACHED_PASSWORDS_URL/] of broken) {
    it(`are unknown, and the operator is told so, where the answer is ${name}`, async () => {
      server.answerWith(answer)
      assert.equal(await start()(BREACHED), false)
      assert.equal(warnings.length, 1)
      assert.match(warnings[0] ?? '', reason)
      for (const secret of [BREACHED, sha1(BREACHED), sha1(BREACHED).slice(0, 5)]) {
        assert.ok(!warnings[0]?.includes(secret))
      }
    })
  }

  const slow: readonly [string, RangeAnswer][] = [
    ['never begins', () => {}],
    [
      'never ends',
      (_request, response) => {
        const dripping = setInterval(() => response.write(`${REST}:9\r\n`), 50)
        response.on('close', () => clearInterval(dripping))
      },
    ],
    [
      'begins again and again',
      (_request, response) => {
        const hinting = setInterval(() => response.writeProcessing(), 50)
        response.on('close', () => clearInterval(hinting))
      },
    ],
  ]
  for (const [name, answer] of slow) {
    it(`are unknown after one second where the answer ${name}`, async () => {
      server.answerWith(answer)
      const started = performance.now()
      assert.equal(await start()(BREACHED), false)
      const took = performance.now() - started
      assert.ok(took > 900 && took < 3000, `${took} ms`)
      assert.match(warnings[0] ?? '', /did not answer within 1000 ms/)
    })
  }

  it('are asked for only of a server whose certificate is good for its name, whatever the environment says', async () => {
    const authority = makeAuthority('somebody we trust')
    const [good, misnamed] = await Promise.all([
      startRangeServer({ [BREACHED]: 1 }, authority.issue('mirror', ['IP:127.0.0.1'])),
      startRangeServer({ [BREACHED]: 1 }, authority.issue('mirror', ['DNS:mirror.example'])),
    ])
    const insecure = process.env.NODE_TLS_REJECT_UNAUTHORIZED
    try {
      assert.equal(await start(good.url)(BREACHED), false)
      setDefaultCACertificates([authority.certificate])
      assert.equal(await start(good.url)(BREACHED), true)
      for (const value of ['1', '0']) {
        process.env.NODE_TLS_REJECT_UNAUTHORIZED = value
        assert.equal(await start(misnamed.url)(BREACHED), false, `NODE_TLS_REJECT_UNAUTHORIZED=${value}`)
      }
      assert.deepEqual([good.requests.length, misnamed.requests.length, warnings.length], [1, 0, 3])
    } finally {
      if (insecure === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED
      else process.env.NODE_TLS_REJECT_UNAUTHORIZED = insecure
      await Promise.all([good.close(), misnamed.close()])
    }
  })

  it('are unknown where nobody listens', async () => {
    const port = await findClosedPort()
    assert.equal(await start(`http://127.0.0.1:${port}/`)(BREACHED), false)
    assert.equal(warnings.length, 1)
  })

  it('are not asked for during 30 seconds after five failures in a row; then one is tried', async () => {
    const isBreached = start()
    const passwords = passwordsOfDifferentRanges(20)
    const askAll = async () => {
      for (const password of passwords) await isBreached(password)
    }
    server.answerWith((_request, response) => void response.writeHead(500).end())
    assert.equal(await asked(askAll), 5)
    time += 29_999
    assert.equal(await asked(askAll), 0)
    time += 1
    assert.equal(await asked(askAll), 1)
    time += 30_000
    server.answerWith(null)
    assert.equal(await asked(askAll), 20)
    assert.equal(await isBreached(BREACHED), true)
  })

  it('are told to be out of reach once a minute', async () => {
    const isBreached = start()
    server.answerWith((_request, response) => void response.writeHead(500).end())
    for (const password of passwordsOfDifferentRanges(4)) await isBreached(password)
    assert.equal(warnings.length, 1)
    time += 60_000
    await isBreached(BREACHED)
    assert.equal(warnings.length, 2)
  })
})

function passwordsOfDifferentRanges(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `password number ${index}`)
}

async function findClosedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}
