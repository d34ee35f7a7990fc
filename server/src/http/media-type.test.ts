import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { LOCAL } from '../../test/kit/clients.ts'
import type { WireRequest } from './contract.ts'
import { readContentType } from './media-type.ts'

function read(contentType: string | undefined) {
  const request: WireRequest = {
    method: 'POST',
    path: '/',
    query: '',
    headers: { 'content-type': contentType },
    body: Buffer.alloc(0),
    client: LOCAL,
  }
  const { type, parameters } = readContentType(request)
  return { type, ...Object.fromEntries(parameters) }
}

describe('readContentType', () => {
  const table: readonly [string | undefined, object][] = [
    [undefined, { type: '' }],
    ['', { type: '' }],
    ['application/json', { type: 'application/json' }],
    ['Application/JSON', { type: 'application/json' }],
    ['application/json; charset=utf-8', { type: 'application/json', charset: 'utf-8' }],
    ['application/json;charset=UTF-8', { type: 'application/json', charset: 'UTF-8' }],
    ['application/json ; CHARSET="utf-8"', { type: 'application/json', charset: 'utf-8' }],
    ['application/json;', { type: 'application/json' }],
    ['application/json; charset', { type: 'application/json' }],
    ['application/json; charset =utf-8', { type: 'application/json' }],
    ['application/json; charset=a; charset=b', { type: 'application/json', charset: 'a' }],
    ['application/json, text/plain', { type: 'application/json, text/plain' }],
    ['application/json text/plain', { type: 'application/json text/plain' }],
    ['application/jsonx', { type: 'application/jsonx' }],
    ['json', { type: 'json' }],
    ['/json', { type: '/json' }],
    ['application/', { type: 'application/' }],
    ['multipart/form-data; boundary=abc', { type: 'multipart/form-data', boundary: 'abc' }],
    ['multipart/form-data; boundary="a;b=c"', { type: 'multipart/form-data', boundary: 'a;b=c' }],
    ['multipart/form-data; boundary="a\\"b"', { type: 'multipart/form-data', boundary: 'a"b' }],
    ['a/b; x="unclosed', { type: 'a/b' }],
    ['a/b; x="unclosed; charset=utf-8', { type: 'a/b' }],
    ['a/b; x="unclosed\\', { type: 'a/b' }],
    ['a/b; __proto__=1', JSON.parse('{"type":"a/b","__proto__":"1"}')],
  ]
  for (const [header, expected] of table) {
    it(`reads ${JSON.stringify(header)}`, () => assert.deepEqual(read(header), expected))
  }

  it('never throws, and takes no longer than the header is long', () => {
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom(...'a/;="\\ ,') }), (text) => void read(text)))
    const started = performance.now()
    for (const text of [
      '"'.repeat(16_000),
      ';'.repeat(16_000),
      `a/b;${'"\\'.repeat(8000)}`,
      `a/b; x=${'"a'.repeat(8000)}`,
      // Often, as each would take no more than 0.2 s were every quote looked at anew.
      ...Array.from({ length: 10 }, () => `a/b; x="${'\\"'.repeat(8000)}`),
    ]) {
      read(text)
    }
    assert.ok(performance.now() - started < 500)
  })
})
