import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { Validator } from '@seriousme/openapi-schema-validator'
import { loadConfig } from '../src/config/load-config.ts'
import { CONTRACT_NAMES } from '../src/contracts/index.ts'
import { describeService } from '../src/openapi/describe-service.ts'
import { type Document, METHODS } from '../src/openapi/document.ts'
import { createSchemaTest } from './kit/schema-test.ts'

/** What letters need. */
const MAIL = {
  LATCHKEY_MAIL_URL: 'file:///letters',
  LATCHKEY_MAIL_FROM: 'no-reply@example.com',
  LATCHKEY_RESET_URL: 'https://app.example.com/reset/{uid}/{token}',
  LATCHKEY_VERIFY_URL: 'https://app.example.com/verify/{key}',
}

/** What a server can offer more or less of. */
const CONFIGS: Readonly<Record<string, Record<string, string>>> = {
  'with the defaults': {},
  'with letters': MAIL,
  'with the codes of SimpleJWT, and uniform answers': {
    LATCHKEY_SIMPLEJWT_CODES: 'true',
    LATCHKEY_ENUMERATION: 'uniform',
    ...MAIL,
  },
  'with two contracts on shared paths, the later one first': {
    LATCHKEY_CONTRACTS: 'drf-token,simplejwt',
    LATCHKEY_SHARED_PATHS_DEFAULT: 'simplejwt',
  },
  'with one contract and no reference': { LATCHKEY_CONTRACTS: 'express-jwt', LATCHKEY_DOCS: 'off' },
}

type Example = {
  readonly name: string
  readonly documented: boolean
  readonly request: { readonly method: string; readonly path: string; readonly json?: unknown }
  readonly reply: { readonly status: number; readonly json?: unknown }
}

for (const [title, env] of Object.entries(CONFIGS)) {
  describe(`the OpenAPI document of a server ${title}`, () => {
    const document = describeFor(env)

    it('is valid OpenAPI 3.1', async () => {
      const { valid, errors } = await new Validator().validate(structuredClone(document))
      assert.ok(valid, JSON.stringify(errors))
    })

    it('has no example that its own schema refuses', () => {
      const test = createSchemaTest(document)
      let count = 0
      for (const { content, where } of listContents(document)) {
        for (const [name, { value }] of Object.entries(content.examples ?? {})) {
          assert.deepEqual(test(content.schema, value), [], `${where}: ${name}`)
          count++
        }
      }
      assert.ok(count > 5, String(count))
    })

    it('has every part that it points at, and points at every part', () => {
      const text = JSON.stringify(document)
      const used = new Set([...text.matchAll(/"\$ref":"#\/components\/(\w+\/\w+)"/g)].map(([, part]) => part))
      const { schemas, responses } = document.components
      const parts = [
        ...Object.keys(schemas).map((name) => `schemas/${name}`),
        ...Object.keys(responses).map((name) => `responses/${name}`),
      ]
      assert.deepEqual([...used].toSorted(), parts.toSorted())
    })

    it('names each operation once', () => {
      const ids = listOperations(document).map(({ operation }) => operation.operationId)
      assert.equal(new Set(ids).size, ids.length)
    })
  })
}

describe('the examples in the OpenAPI document', () => {
  const document = describeFor(MAIL)
  const shown = listContents(document).flatMap(({ content }) => Object.values(content.examples ?? {}))

  for (const contract of CONTRACT_NAMES) {
    it(`are all those of the document behind ${contract}, with their requests`, () => {
      const documented = readExamples(contract).filter((example) => example.documented)
      assert.ok(documented.length > 5)
      for (const { name, request, reply } of documented) {
        const told = { value: reply.json, 'x-request': request }
        const isShown = shown.some(
          ({ summary, ...example }) => summary.endsWith(name) && isDeepStrictEqual(example, told),
        )
        assert.ok(isShown, `${contract}: ${name}`)
      }
    })
  }

  for (const contract of CONTRACT_NAMES) {
    it(`of ${contract}, shown or not, are all answered as the document says`, () => {
      const test = createSchemaTest(document)
      // What is no path of anybody, or no method of it, is in no document.
      const examples = readExamples(contract).filter(({ request }) => operationOf(document, request) !== undefined)
      assert.ok(examples.length > readExamples(contract).length / 2)
      for (const { name, request, reply } of examples) {
        const found = operationOf(document, request)?.responses[reply.status]
        assert.ok(found, `${name}: ${reply.status}`)
        const described = '$ref' in found ? document.components.responses[found.$ref.split('/').at(-1) ?? ''] : found
        const [media] = Object.values(described?.content ?? {})
        assert.equal(media === undefined, reply.json === undefined, name)
        if (media !== undefined) assert.deepEqual(test(media.schema, reply.json), [], name)
      }
    })
  }

  it('are judged by schemas that refuse what no reply is', () => {
    const test = createSchemaTest(document)
    const login = contentOf(document, '/api/users/login/', 'post', 200)
    assert.deepEqual(test(login, { key: 'x' }), [])
    assert.deepEqual(test(login, { refresh: 'x', access: 'x' }), [])
    for (const wrong of [{}, { key: 1 }, { key: 'x', access: 'x' }, { access: 'x' }]) {
      assert.notDeepEqual(test(login, wrong), [], JSON.stringify(wrong))
    }
    const refused = contentOf(document, '/api/users/register/', 'post', 400)
    assert.deepEqual(test(refused, { username: ['This field is required.'] }), [])
    for (const wrong of [{}, { usrname: ['x'] }, { username: [] }, { username: 'x' }]) {
      assert.notDeepEqual(test(refused, wrong), [], JSON.stringify(wrong))
    }
  })
})

describe('a path that contracts share', () => {
  const document = describeFor({})

  it('takes exactly one of their bodies, and has each by itself in the contract’s own place', () => {
    const test = createSchemaTest(document)
    const schemaAt = (path: string) => {
      const media = document.paths[path]?.post?.requestBody?.content['application/json']
      assert.ok(media)
      return media.schema
    }
    const [email, username] = [{ email: 'a@example.com' }, { username: 'a' }].map((name) => ({
      ...name,
      password: 'p',
    }))
    const shared = schemaAt('/api/users/login/')
    assert.deepEqual(shared, {
      oneOf: [{ $ref: '#/components/schemas/DrfTokenLogin' }, { $ref: '#/components/schemas/SimplejwtLogin' }],
    })
    assert.deepEqual(test(shared, email), [])
    assert.deepEqual(test(shared, username), [])
    assert.notDeepEqual(test(shared, { ...email, ...username }), [])
    assert.deepEqual(test(schemaAt('/drf-token/api/users/login/'), email), [])
    assert.notDeepEqual(test(schemaAt('/drf-token/api/users/login/'), username), [])
    assert.deepEqual(test(schemaAt('/simplejwt/api/users/login/'), username), [])
    assert.notDeepEqual(test(schemaAt('/simplejwt/api/users/login/'), email), [])
  })
})

function describeFor(env: Readonly<Record<string, string>>): Document {
  return describeService(loadConfig({ env, contractNames: CONTRACT_NAMES }))
}

function listOperations({ paths }: Document) {
  return Object.entries(paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method]
      return operation === undefined ? [] : [{ where: `${method} ${path}`, operation }]
    }),
  )
}

/** Everything in a document that has a schema, and may have examples. */
function listContents(document: Document) {
  return listOperations(document).flatMap(({ where, operation }) => {
    const replies = Object.entries(operation.responses).flatMap(([status, reply]) =>
      '$ref' in reply ? [] : [{ where: `${where} ${status}`, contents: reply.content ?? {} }],
    )
    const all = [{ where: `${where} request`, contents: operation.requestBody?.content ?? {} }, ...replies]
    return all.flatMap(({ where, contents }) => Object.values(contents).map((content) => ({ where, content })))
  })
}

/** The operation that a request asks for, with or without its slash. */
function operationOf({ paths }: Document, { method, path }: Example['request']) {
  const name = METHODS.find((name) => name === method.toLowerCase())
  const item = paths[path] ?? paths[`${path}/`]
  return name === undefined ? undefined : item?.[name]
}

function contentOf(document: Document, path: string, method: 'post', status: number) {
  const reply = document.paths[path]?.[method]?.responses[status]
  const media = reply !== undefined && 'content' in reply ? Object.values(reply.content ?? {})[0] : undefined
  assert.ok(media)
  return media.schema
}

function readExamples(contract: string): readonly Example[] {
  const file = new URL(`../src/contracts/${contract}/examples.json`, import.meta.url)
  return (JSON.parse(readFileSync(file, 'utf8')) as { examples: readonly Example[] }).examples
}
