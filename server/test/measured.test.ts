import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { LIGHT_HASHING } from './kit/hashing.ts'
import { listen, sendOverWire } from './kit/raw-http.ts'
import { startTestApp, type TestApp } from './kit/start-test-app.ts'
import { findShapeFlaws, type Voice, voiceOf } from './kit/voices.ts'
import { maskTokens, send, type TableRequest, type Tokens, type WireAnswer } from './kit/wire.ts'

type Given = (TableRequest & { readonly contract?: string }) | { readonly disable_account: string }

type Reply = { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: unknown }

type Case = {
  readonly name: string
  readonly contract: string
  readonly given?: readonly Given[]
  readonly request: TableRequest
  readonly reply: Reply
  /** A note from when the table was made; the reason that counts is in the list of deviations. */
  readonly differs_by_decision?: string
}

type Table = {
  readonly cases: readonly Case[]
  readonly emails?: readonly { readonly email: string; readonly valid: boolean; readonly throws?: string }[]
}

type Deviations = {
  readonly replies: readonly {
    readonly contract: string
    readonly name: string
    readonly reason: string
    readonly reply: { readonly status: number; readonly body: unknown }
  }[]
  readonly emails: readonly { readonly email: string; readonly valid: boolean; readonly reason: string }[]
}

const DRF: Table = read('drf.json')
const EXPRESS: Table = read('express.json')
const DEVIATIONS: Deviations = read('deviations.json')

/** What a parser says after these is its own business. */
const FREE_WORDS = /^(JSON parse error - |Multipart form parse error - )[\s\S]+$/

describe('the replies measured on the real stacks', () => {
  let test: TestApp
  let port: number
  before(async () => {
    test = await startTestApp({ config: LIGHT_HASHING, limits: null })
    port = await listen(test)
  })
  after(() => test.close())

  for (const [stack, { cases }] of [
    ['Django REST Framework', DRF],
    ['Express', EXPRESS],
  ] as const) {
    it(`of ${stack} are Latchkey's to the letter, except for the listed deviations`, async () => {
      const different: string[] = []
      for (const row of cases.filter((row) => deviationOf(row) === undefined)) {
        const answer = await replay(row)
        if (!isSame(answer, row)) different.push(`${row.contract}: ${row.name}\n  ${show(answer, row)}`)
      }
      assert.deepEqual(different, [])
    })

    it(`of ${stack} that Latchkey deviates from are answered as listed, and differ to this day`, async () => {
      for (const row of cases) {
        const deviation = deviationOf(row)
        if (deviation === undefined) continue
        const answer = await replay(row)
        assert.deepEqual({ status: answer.status, body: bodyOf(answer, row) }, deviation.reply, row.name)
        assert.deepEqual(findShapeFlaws(voiceOfCase(row), row.request.method, answer), [], row.name)
        assert.ok(!isSame(answer, row), `no deviation any more: ${row.name}`)
      }
    })
  }

  it('of Django REST Framework all come with Vary: Accept, as with the default renderers', async () => {
    const [row] = DRF.cases
    assert.ok(row)
    assert.equal((await replay(row)).headers.vary, 'Accept')
  })

  it('cover the emails that validator.js judges, except for the listed deviations', async () => {
    const { emails = [] } = EXPRESS
    assert.ok(emails.length > 200)
    for (const { email, valid } of emails) {
      const deviation = DEVIATIONS.emails.find((row) => row.email === email)
      assert.equal(await isEmailHere(email), deviation?.valid ?? valid, JSON.stringify(email))
      assert.notEqual(deviation?.valid, valid, `no deviation any more: ${JSON.stringify(email)}`)
    }
  })

  it('are the only ones that a deviation can be listed for, once, with its reason', () => {
    const measured = [...DRF.cases, ...EXPRESS.cases].map(keyOf)
    const listed = DEVIATIONS.replies.map(keyOf)
    assert.equal(new Set(listed).size, listed.length)
    const noted = [...DRF.cases, ...EXPRESS.cases].filter((row) => row.differs_by_decision !== undefined)
    assert.deepEqual(
      noted.filter((row) => deviationOf(row) === undefined),
      [],
    )
    assert.deepEqual(
      listed.filter((key) => !measured.includes(key)),
      [],
    )
    const emails = new Set(EXPRESS.emails?.map(({ email }) => email))
    assert.deepEqual(
      DEVIATIONS.emails.filter(({ email }) => !emails.has(email)),
      [],
    )
    for (const { reason } of [...DEVIATIONS.replies, ...DEVIATIONS.emails]) assert.match(reason, /^\S.{20,}\.$/)
  })

  /** Asks with no account there but those that the case itself makes. */
  async function replay({ contract, given = [], request }: Case): Promise<WireAnswer> {
    for (const { id } of await test.core.administration.listAccounts({ after: 0, limit: 1000 })) {
      await test.core.administration.deleteAccount(id)
    }
    const tokens: Tokens = {}
    for (const step of given) {
      if ('disable_account' in step) await disable(step.disable_account)
      else await send(test, { ...step, path: `/${step.contract ?? contract}${step.path}` }, tokens)
    }
    if (isPlain(request.path)) return send(test, { ...request, path: `/${contract}${request.path}` }, tokens)
    // What a client would resolve before it sends it goes out as it is.
    const { method, path, headers = {}, body } = request
    const target = path.startsWith('/') ? `/${contract}${path}` : path
    return sendOverWire(port, { method, target, headers, body })
  }

  async function disable(name: string): Promise<void> {
    const account = await test.core.administration.findAccount(name)
    assert.ok(account)
    await test.core.administration.setActive(account.id, false)
  }

  async function isEmailHere(email: string): Promise<boolean> {
    const { json } = await send(test, { method: 'POST', path: '/api/auth/login/', json: { email } })
    const { errors } = json as { errors: Record<string, { msg: string }> }
    assert.equal(errors.password?.msg, 'Password is required!')
    return errors.email === undefined
  }
})

function read<Content>(name: string): Content {
  return JSON.parse(readFileSync(new URL(`./measured/${name}`, import.meta.url), 'utf8'))
}

function keyOf({ contract, name }: { contract: string; name: string }): string {
  return `${contract}: ${name}`
}

function deviationOf(row: Case): Deviations['replies'][number] | undefined {
  return DEVIATIONS.replies.find((deviation) => keyOf(deviation) === keyOf(row))
}

/** A target without a path is answered in the default contract's voice. */
function voiceOfCase({ contract, request }: Case): Voice {
  return voiceOf(request.path.startsWith('/') ? `/${contract}/` : '/')
}

/** Whether every client would send this target as it is. */
function isPlain(path: string): boolean {
  return path.startsWith('/') && !path.includes('//') && !/\/\.{1,2}(\/|$)/.test(path)
}

/** The order of the members counts: it is the order on the wire. */
function isSame(answer: WireAnswer, row: Case): boolean {
  const theirs = { status: row.reply.status, headers: headersOf(row.reply), body: comparable(maskIds(row.reply.body)) }
  const ours = { status: answer.status, headers: headersOf(answer), body: comparable(bodyOf(answer, row)) }
  return JSON.stringify(theirs) === JSON.stringify(ours)
}

function show(answer: WireAnswer, row: Case): string {
  const ours = { status: answer.status, headers: headersOf(answer), body: bodyOf(answer, row) }
  return `measured ${JSON.stringify(row.reply).slice(0, 600)}\n  here     ${JSON.stringify(ours).slice(0, 600)}`
}

function headersOf({ headers }: { headers: Readonly<Record<string, string>> }): Record<string, string | undefined> {
  const names = ['content-type', 'allow', 'www-authenticate', 'x-powered-by']
  return Object.fromEntries(names.map((name) => [name, headers[name]]))
}

function bodyOf({ json }: WireAnswer, { request }: Case): unknown {
  return request.method === 'HEAD' ? null : maskIds(maskTokens(json))
}

/** Without the words of a parser. */
function comparable(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || !('detail' in body) || typeof body.detail !== 'string') return body
  return { ...body, detail: FREE_WORDS.exec(body.detail)?.[1] ?? body.detail }
}

/** Ids differ from run to run; every measured one is that of the first account. */
function maskIds(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body
  const entries = Object.entries(body).map(([name, value]) => [name, name === 'id' || name === 'pk' ? 1 : value])
  return Object.fromEntries(entries)
}
