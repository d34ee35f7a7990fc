import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { JsonNumber, parseJson } from './json.ts'
import { TransportError } from './transport-error.ts'

const parse = (text: string) => parseJson(Buffer.from(text))

/** Numbers as numbers again. */
function plain(value: unknown): unknown {
  if (value instanceof JsonNumber) return value.toJSON()
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  const copy = Object.create(null)
  for (const [name, member] of Object.entries(value)) copy[name] = plain(member)
  return copy
}

function refusal(bytes: Uint8Array): TransportError {
  try {
    parseJson(bytes)
  } catch (error) {
    assert.ok(error instanceof TransportError)
    assert.equal(error.code, 'malformed_body')
    return error
  }
  return assert.fail(`${Buffer.from(bytes)} was taken`)
}

describe('parseJson', () => {
  it('agrees with JSON.parse on every value within its limits', () => {
    const values = fc.jsonValue({ maxDepth: 6 })
    fc.assert(
      fc.property(values, fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
        const text = JSON.stringify(value, null, indent)
        fc.pre((text.match(/:/g) ?? []).length <= 64)
        assert.deepEqual(plain(parse(text)), plain(JSON.parse(text)))
      }),
      { numRuns: 1000 },
    )
  })

  it('refuses exactly what JSON.parse refuses, of texts that are nearly JSON', () => {
    const pieces = [
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"b"',
      '"',
      '\\',
      '1',
      '-',
      '0',
      'e',
      '.',
      'true',
      'null',
      ' ',
      'x',
    ]
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 8 }), (parts) => {
        const text = parts.join('')
        let expected: unknown
        try {
          expected = JSON.parse(text)
        } catch {
          refusal(Buffer.from(text))
          return
        }
        if (isRepeating(text)) refusal(Buffer.from(text))
        else assert.deepEqual(plain(parse(text)), plain(expected))
      }),
      { numRuns: 3000 },
    )
    function isRepeating(text: string): boolean {
      return JSON.stringify(JSON.parse(text)).replaceAll(/[^:]/g, '').length !== text.replaceAll(/[^:]/g, '').length
    }
  })

  const REPEATED: readonly string[] = [
    '{"a":1,"a":2}',
    '{"a":1,"a":1}',
    '{"a":1,"\\u0061":2}',
    '{"\\u0061":1,"\\u0061":2}',
    '{"a":1,"b":2,"a":3}',
    '{"a":{"b":1,"b":2}}',
    '[{"a":1,"a":2}]',
    '[[[{"x":[{"a":1,"a":2}]}]]]',
    '{"a":{"b":1},"a":{}}',
    '{"a":{},"a":{"b":{"c":1}}}',
    '{"a":[],"a":{"b":1}}',
    '{"__proto__":1,"__proto__":2}',
    '{"__proto__":{"a":1},"__proto__":{"a":1}}',
    '{"":1,"":2}',
    '{"\\ud83e\\udd8a":1,"🦊":2}',
    '{"1":1,"1":2}',
    '{"a":null,"a":null}',
  ]
  for (const text of REPEATED) {
    it(`refuses a repeated name: ${text}`, () => {
      assert.equal(refusal(Buffer.from(text)).detail, 'a name occurs twice in one object')
    })
  }

  it('takes one name in several objects, and names that only look alike', () => {
    for (const text of [
      '[{"a":1},{"a":2}]',
      '{"a":{"a":{"a":1}}}',
      '{"a":1,"A":2}',
      '{"é":1,"e\u0301":2}',
      '{"a":":","b":"\\":"}',
    ]) {
      assert.deepEqual(plain(parse(text)), plain(JSON.parse(text)))
    }
  })

  it('keeps __proto__, constructor and their like as the names of data, and nothing more', () => {
    const value = parse(
      '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"a":{"__proto__":null}}',
    )
    assert.ok(typeof value === 'object' && value !== null)
    assert.deepEqual(Object.keys(value), ['__proto__', 'constructor', 'a'])
    assert.equal(Object.getPrototypeOf(value), Object.prototype)
    assert.equal(Object.hasOwn(value, '__proto__'), true)
    assert.equal('polluted' in {}, false)
    assert.equal('polluted' in value, false)
  })

  it('reads eight levels and no ninth', () => {
    const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`
    assert.deepEqual(parse(nested(8)), JSON.parse(nested(8)))
    assert.equal(refusal(Buffer.from(nested(9))).detail, 'more than 8 levels deep')
    assert.equal(refusal(Buffer.from('['.repeat(16_000))).detail, 'more than 8 levels deep')
    assert.deepEqual(plain(parse('{"a":"[[[[[[[[[[[["}')), plain({ a: '[[[[[[[[[[[[' }))
    assert.deepEqual(plain(parse('["\\"[[[[[[[[[[[["]')), ['"[[[[[[[[[[[['])
  })

  it('reads 64 members, over all objects together, and no 65th', () => {
    const members = (count: number) =>
      JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, n) => [`n${n}`, ':'])))
    assert.equal(Object.keys(parse(members(64)) as object).length, 64)
    assert.equal(refusal(Buffer.from(members(65))).detail, 'more than 64 members')
    assert.equal(refusal(Buffer.from(`[${members(40)},${members(25)}]`)).detail, 'more than 64 members')
  })

  it('keeps the digits of numbers', () => {
    for (const source of ['1234567.0', '1e400', '-0', '12345678901234567890', '0.1', '1E+2']) {
      const value = parse(`{"a":${source},"b":[${source}]}`) as { a: unknown; b: unknown[] }
      assert.ok(value.a instanceof JsonNumber)
      assert.equal(value.a.source, source)
      assert.ok(value.b[0] instanceof JsonNumber)
      assert.equal(value.b[0].source, source)
    }
    const alone = parse('42')
    assert.ok(alone instanceof JsonNumber)
    assert.equal(JSON.stringify(alone), '42')
  })

  it('refuses a byte order mark, other encodings and what is no UTF-8', () => {
    refusal(Buffer.from('\ufeff{}'))
    refusal(Buffer.from('{}', 'utf16le'))
    for (const hex of ['ff', 'c0af', 'e282', 'eda080', 'f4908080', '80']) {
      const bytes = Buffer.concat([Buffer.from('{"a":"'), Buffer.from(hex, 'hex'), Buffer.from('"}')])
      assert.equal(refusal(bytes).detail, 'not UTF-8')
    }
  })

  it('lets a lone surrogate through that is written as an escape: whose field it is says what to do', () => {
    assert.deepEqual(plain(parse('{"a":"\\ud800"}')), plain({ a: '\ud800' }))
  })

  it('never quotes the body in a refusal', () => {
    for (const text of ['{"password":"s3cret"', '{"s3cret":1,"s3cret":2}', 's3cret', '"s3cret']) {
      const error = refusal(Buffer.from(text))
      assert.ok(!`${error.message} ${error.detail} ${error.stack} ${String(error.cause)}`.includes('s3cret'))
    }
  })

  it('takes no longer than the text is long', () => {
    const started = performance.now()
    for (const text of ['"'.repeat(16_384), '\\'.repeat(16_384), ':'.repeat(16_384), `"${'\\"'.repeat(8000)}"`]) {
      try {
        parse(text)
      } catch {}
    }
    assert.ok(performance.now() - started < 500)
  })
})
