import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { CONTRACT_NAMES } from '../src/contracts/index.ts'
import { ENGINE } from './kit/postgres.ts'
import { startTestApp, type TestApp } from './kit/start-test-app.ts'
import { maskTokens, send, type TableRequest, type Tokens } from './kit/wire.ts'

/** What happens before the request: another one, time that passes (seconds), or an operator who disables an account. */
type Step = TableRequest | { readonly wait: number } | { readonly disable_account: string }

/** A pair of a contract's examples.json. A reply has the headers named and, as JSON, exactly this body; or none. */
type Example = {
  readonly name: string
  readonly documented: boolean
  readonly given?: readonly Step[]
  readonly request: TableRequest
  readonly reply: {
    readonly status: number
    readonly headers?: Readonly<Record<string, string>>
    readonly json?: unknown
  }
}

const isOnPostgres = process.env[ENGINE] === 'postgres'

const CONTRACTS = join(import.meta.dirname, '../src/contracts')

/** Every sentence of the five documents, to the letter: those of replies, and those of errors. */
const DOCUMENTED: Readonly<Record<string, readonly string[]>> = {
  'drf-jwt': [
    'The user has been successfully created.',
    'This field is required.',
    'Ensure this field has at least 8 characters.',
    "Phone number must be entered in the format: '+999999999'. Up to 15 digits allowed.",
    'user with this email already exists.',
    'user with this username already exists.',
    'A user with this email and password was not found.',
  ],
  'drf-token': [
    'A user with this email already exists.',
    'Password must contain at least one numeral.',
    'The two password fields did not match.',
    'Unable to log in with provided credentials.',
    'User account is disabled.',
    'Successfully logged out.',
    'You should be logged in to logout. Check whether the token is passed.',
  ],
  'express-jwt': [
    'success',
    'fail',
    'Email format invalid!',
    'Password is required!',
    "User doesn't exist",
    'user password incorrect',
  ],
  simplejwt: [
    'User created successfully',
    'A user with that username already exists.',
    'No active account found with the given credentials',
    'Token is invalid or expired',
    'Logged out successfully',
  ],
}

/** Every documented path, which must be asked in a documented example. */
const DOCUMENTED_PATHS: Readonly<Record<string, readonly string[]>> = {
  'drf-jwt': ['/registration/', '/login/', '/user/register/', '/user/login/'],
  'drf-token': ['/api/users/registration/', '/api/users/login/', '/api/users/logout/'],
  'express-jwt': ['/api/auth/register/', '/api/auth/login/'],
  simplejwt: ['/api/users/register/', '/api/users/login/', '/api/users/token/refresh/', '/api/users/logout/'],
}

for (const contract of CONTRACT_NAMES) {
  const { examples } = readExamples(contract)

  describe(`the examples of ${contract}`, () => {
    for (const example of examples) {
      it(`${example.name}, at the path itself`, () => replay(example, (path) => path))
      // Where a contract answers besides is no matter of the database.
      if (namesAPlace(contract, example) || isOnPostgres) continue
      it(`${example.name}, under /${contract}/`, () => replay(example, (path) => placed(contract, path)))
    }
  })

  describe(`the document of ${contract}`, () => {
    const documented = examples.filter((example) => example.documented)

    it('has every sentence in the reply of a documented example', () => {
      const told = new Set(documented.flatMap(({ reply }) => textsOf(reply.json)))
      const missing = DOCUMENTED[contract]?.filter((sentence) => !told.has(sentence))
      assert.deepEqual(missing, [])
    })

    it('has every path in a documented example', () => {
      const asked = new Set(documented.map(({ request }) => request.path))
      const missing = DOCUMENTED_PATHS[contract]?.filter((path) => !asked.has(path))
      assert.deepEqual(missing, [])
    })
  })

  describe(`the README of ${contract}`, () => {
    const text = readFileSync(join(CONTRACTS, contract, 'README.md'), 'utf8')

    it('shows only requests and replies that are examples', () => {
      const pairs = readCurls(text)
      assert.equal(pairs.length, text.split('```sh').length - 1)
      assert.ok(pairs.length > 0)
      for (const pair of pairs) assert.ok(isExample(examples, pair), JSON.stringify(pair))
    })

    it('shows in its tables only bodies that are replies of examples', () => {
      for (const body of readTableBodies(text)) {
        assert.ok(
          examples.some(({ reply }) => isSame(reply.json, body)),
          JSON.stringify(body),
        )
      }
    })
  })
}

/** The cheapest hash there is: what is tested here is words, not work. */
function start(): Promise<TestApp> {
  return startTestApp({ config: { argon2: { memory: 8, passes: 1, lanes: 1 }, mailUrl: 'file:///letters' } })
}

/** Plays an example on an empty database and holds the whole reply against it. */
async function replay({ given = [], request, reply }: Example, place: (path: string) => string): Promise<void> {
  const app = await start()
  try {
    const tokens: Tokens = {}
    for (const step of given) await take(app, step, tokens, place)
    const answer = await send(app, { ...request, path: place(request.path) }, tokens)
    assert.equal(answer.status, reply.status, answer.text)
    // As text, because the order of the fields is part of the promise.
    assert.equal(JSON.stringify(maskTokens(answer.json)), JSON.stringify(maskTokens(reply.json ?? null)))
    assert.equal(answer.text === '', reply.json === undefined)
    for (const [name, value] of Object.entries(reply.headers ?? {})) assert.equal(answer.headers[name], value, name)
  } finally {
    await app.close()
  }
}

async function take(app: TestApp, step: Step, tokens: Tokens, place: (path: string) => string): Promise<void> {
  if ('wait' in step) return app.advance(step.wait * 1000)
  if (!('disable_account' in step)) {
    await send(app, { ...step, path: place(step.path) }, tokens)
    return
  }
  const { administration } = app.core
  const account = await administration.findAccount(step.disable_account)
  assert.ok(account, `${step.disable_account} is there to be disabled`)
  await administration.setActive(account.id, false)
}

/** `/v1` is no contract's. */
function placed(contract: string, path: string): string {
  return path.startsWith('/v1/') ? path : `/${contract}${path}`
}

function namesAPlace(contract: string, { request }: Example): boolean {
  return request.path.startsWith(`/${contract}/`)
}

function readExamples(contract: string): { readonly examples: readonly Example[] } {
  return JSON.parse(readFileSync(join(CONTRACTS, contract, 'examples.json'), 'utf8'))
}

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : []
}

/** A curl command of a README, and the status and body that it says come back. */
type Curl = { readonly request: TableRequest; readonly status: number; readonly json: unknown }

function readCurls(text: string): Curl[] {
  const blocks = text.matchAll(/```sh\n(curl [\s\S]*?)```\n+`(\d{3})`\n*(?:```json\n([\s\S]*?)```)?/g)
  return [...blocks].map(([, command = '', status, body]) => ({
    request: readCurl(command.replaceAll('\\\n', ' ')),
    status: Number(status),
    json: body === undefined ? undefined : JSON.parse(body),
  }))
}

function readCurl(command: string): TableRequest {
  const fill = (text: string) => text.replaceAll(/\$([A-Z]+)/g, (_whole, name: string) => `{{${name.toLowerCase()}}}`)
  const data = /-d '([^']*)'/.exec(command)?.[1] ?? /-d "((?:[^"\\]|\\.)*)"/.exec(command)?.[1]?.replaceAll('\\"', '"')
  const authorization = /-H "(Authorization: [^"]*)"/.exec(command)?.[1]?.slice('Authorization: '.length)
  return {
    method: /-X ([A-Z]+)/.exec(command)?.[1] ?? (data === undefined ? 'GET' : 'POST'),
    path: /http:\/\/localhost:8000(\S*)/.exec(command)?.[1] ?? '',
    ...(authorization === undefined ? {} : { headers: { Authorization: fill(authorization) } }),
    ...(data === undefined ? {} : { json: JSON.parse(fill(data)) }),
  }
}

function isExample(examples: readonly Example[], { request, status, json }: Curl): boolean {
  return examples.some(
    (example) =>
      isSame(example.request, request) &&
      example.reply.status === status &&
      isSame(maskTokens(example.reply.json), maskTokens(json)),
  )
}

/** The bodies in the cells of tables: code that is a JSON object. */
function readTableBodies(text: string): unknown[] {
  const lines = text.split('\n').filter((line) => line.startsWith('|'))
  return lines.flatMap((line) => [...line.matchAll(/`(\{[^`]*\})`/g)].map(([, json = '']) => JSON.parse(json)))
}

function isSame(left: unknown, right: unknown): boolean {
  try {
    assert.deepEqual(left, right)
    return true
  } catch {
    return false
  }
}
