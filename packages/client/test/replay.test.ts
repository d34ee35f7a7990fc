import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { CONTRACT_NAMES } from '../../../server/src/contracts/index.ts'
import { maskTokens, type TableRequest, type Tokens } from '../../../server/test/kit/wire.ts'
import { ContractError } from '../src/index.ts'
import { createClient, findMethod, type Method } from './kit/find-method.ts'
import { type LiveServer, startLiveServer } from './kit/live-server.ts'
import { watchFetch } from './kit/watched-fetch.ts'

/** A pair of a contract's examples.json, as `server/test/examples.test.ts` has it. */
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

type Step = TableRequest | { readonly wait: number } | { readonly disable_account: string }

/** What came back, by whichever way it was asked. */
type Answer = { readonly status: number; readonly headers: Headers; readonly json: unknown }

/**
 * The examples that no method of the client asks: other methods, media types and spellings, and requests without what the
 * method always sends. They go through `request`.
 */
const AS_THEY_ARE: Readonly<Record<string, readonly string[]>> = {
  'drf-jwt': [
    'an empty registration names the four required fields',
    'an empty login names both fields',
    'without the trailing slash',
    'as a form',
    'a method that means nothing here',
    'a body of another type',
    'a list in place of the object',
    'the login model to the letter, with its trailing comma, is no JSON',
    'a stale Authorization header is ignored',
    'an answer that may not be JSON',
    'a path that is not there',
  ],
  'drf-token': [
    'logging out with the scheme alone',
    'logging out with two tokens',
    'logging out with the scheme in other letters',
    'logging out with a body that is no JSON: it is not read',
    'without the trailing slash',
    'as a form',
    'a method that means nothing here',
    'a body of another type',
    'a body that is no JSON',
    'a list in place of the object',
    'a stale Authorization header is ignored at login',
    'a path that is not there',
  ],
  'express-jwt': [
    'without the trailing slash',
    'a path in other letters',
    'as a form',
    'a method that means nothing here is a path that is not there',
    'a path that is not there',
    'a body of another type is an empty body',
    'a body that is no JSON',
    'a list in place of the object is an empty body',
    'a stale Authorization header is ignored',
  ],
  simplejwt: [
    'a refresh without its token',
    'logging out with the scheme alone',
    'without the trailing slash',
    'as a form',
    'a method that means nothing here',
    'a body of another type',
    'a body that is no JSON',
    'a stale Authorization header is ignored at login',
    'a path that is not there',
  ],
}

it('is about every contract', () => {
  assert.deepEqual(Object.keys(AS_THEY_ARE), CONTRACT_NAMES)
})

for (const [contract, asTheyAre] of Object.entries(AS_THEY_ARE)) {
  const { examples } = readExamples(contract)

  describe(`the client of ${contract}`, () => {
    let empty: LiveServer
    const replayed: { readonly name: string; readonly method: Method | null }[] = []
    before(async () => {
      empty = await startLiveServer()
    })
    after(() => empty.close())

    for (const example of examples) {
      it(`gives what was promised: ${example.name}`, async () => {
        const method = isHarmless(example)
          ? await replay(contract, example, empty)
          : await replayAlone(contract, example)
        replayed.push({ name: example.name, method })
        if (example.documented) assert.ok(method !== null, 'no method of the client asks what the document shows')
      })
    }

    it('has replayed every example, and asked by its methods all that they can ask', () => {
      assert.deepEqual(
        replayed.map(({ name }) => name),
        examples.map(({ name }) => name),
      )
      const others = replayed.filter(({ method }) => method === null)
      assert.deepEqual(
        others.map(({ name }) => name),
        asTheyAre,
      )
    })
  })
}

/** Whether the server is as empty after it as it was before: a refusal that nothing went before. */
function isHarmless({ given = [], reply }: Example): boolean {
  return given.length === 0 && reply.status >= 400
}

async function replayAlone(contract: string, example: Example): Promise<Method | null> {
  const server = await startLiveServer()
  try {
    return await replay(contract, example, server)
  } finally {
    await server.close()
  }
}

/** Plays an example on an empty server. @returns the method that asked for it. */
async function replay(
  contract: string,
  { given = [], request, reply }: Example,
  server: LiveServer,
): Promise<Method | null> {
  const tokens: Tokens = {}
  for (const step of given) await take(server, contract, step, tokens)
  const { answer, method } = await ask(server, contract, request, tokens)
  assert.equal(answer.status, reply.status)
  // As text, because the order of the fields is part of the promise.
  assert.equal(JSON.stringify(maskTokens(answer.json)), JSON.stringify(maskTokens(reply.json)))
  for (const [name, value] of Object.entries(reply.headers ?? {})) assert.equal(answer.headers.get(name), value, name)
  return method
}

async function take(server: LiveServer, contract: string, step: Step, tokens: Tokens): Promise<void> {
  if ('wait' in step) return server.advance(step.wait * 1000)
  if (!('disable_account' in step)) {
    await ask(server, contract, step, tokens)
    return
  }
  const account = await server.core.administration.findAccount(step.disable_account)
  assert.ok(account, `${step.disable_account} is there to be disabled`)
  await server.core.administration.setActive(account.id, false)
}

/** Asks by the method of the client that asks just this, or else as it is written; notes the tokens that come back. */
async function ask(
  server: LiveServer,
  contract: string,
  request: TableRequest,
  tokens: Tokens,
): Promise<{ readonly answer: Answer; readonly method: Method | null }> {
  const filled: TableRequest = JSON.parse(fill(JSON.stringify(request), tokens))
  const watched = watchFetch()
  const method = findMethod(contract, filled)
  const answer =
    method === null
      ? await askAsItIs(server, contract, filled, watched)
      : await settle(method({ url: server.url, fetch: watched.fetch }), watched)
  noteTokens(answer.json, tokens)
  return { answer, method }
}

/** What a method gives or throws, with the status and headers that came with it. */
async function settle(result: Promise<unknown>, { last }: ReturnType<typeof watchFetch>): Promise<Answer> {
  try {
    const json = await result
    assert.ok(last.response)
    return { status: last.response.status, headers: last.response.headers, json }
  } catch (error) {
    if (!(error instanceof ContractError)) throw error
    assertComplete(error)
    return error
  }
}

/** A form can show all that the server said. */
function assertComplete({ json, body, fieldErrors, formErrors, message, text }: ContractError): void {
  assert.ok(body !== null, `${text} is no error as the contract writes them`)
  assert.equal(body, json)
  const shown = [...Object.values(fieldErrors).flat(), ...formErrors]
  assert.ok(shown.length > 0)
  assert.ok(shown.includes(message))
  for (const sentence of shown) assert.ok(text.includes(JSON.stringify(sentence).slice(1, -1)), sentence)
  // An envelope says what it is, and an express error what it is about, beside the sentence.
  const rest = new Set(['fail', 'body', ...Object.keys(fieldErrors)])
  for (const said of sentencesOf(json)) assert.ok(shown.includes(said) || rest.has(said), said)
}

function sentencesOf(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, member]) => (name === 'value' ? [] : sentencesOf(member)))
}

async function askAsItIs(
  server: LiveServer,
  contract: string,
  { method, path, headers = {}, json, body }: TableRequest,
  { fetch }: ReturnType<typeof watchFetch>,
): Promise<Answer> {
  const client = createClient(contract, { url: server.url, fetch })
  return client.request(path, {
    method,
    headers,
    ...(json === undefined ? {} : { json }),
    ...(body === undefined ? {} : { body }),
  })
}

function fill(text: string, tokens: Tokens): string {
  return text.replaceAll(/\{\{(\w+)\}\}/g, (whole, name: string) => tokens[name] ?? whole)
}

function noteTokens(json: unknown, tokens: Tokens): void {
  if (typeof json !== 'object' || json === null) return
  for (const [name, value] of Object.entries(json)) if (typeof value === 'string') tokens[name] = value
}

function readExamples(contract: string): { readonly examples: readonly Example[] } {
  const file = new URL(`../../../server/src/contracts/${contract}/examples.json`, import.meta.url)
  return JSON.parse(readFileSync(file, 'utf8'))
}
