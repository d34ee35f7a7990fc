import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { parseMultipart, parseUrlEncoded } from './form.ts'

const read = (text: string) => parseUrlEncoded(Buffer.from(text))
const fields = (...pairs: [string, string | null][]) => pairs.map(([name, value]) => ({ name, value }))

describe('parseUrlEncoded', () => {
  const table: readonly [string, [string, string][]][] = [
    ['', []],
    [
      'a=1&b=2',
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
    [
      'a=1&a=2',
      [
        ['a', '1'],
        ['a', '2'],
      ],
    ],
    ['a', [['a', '']]],
    ['a=', [['a', '']]],
    ['=1', [['', '1']]],
    ['a=b=c', [['a', 'b=c']]],
    ['a=1+2%2B3', [['a', '1 2+3']]],
    ['a=%C3%A9%F0%9F%A6%8A', [['a', 'é🦊']]],
    [
      'a=%EF%bf%BD&b=\ufffd',
      [
        ['a', '\ufffd'],
        ['b', '\ufffd'],
      ],
    ],
    ['a=%zz%', [['a', '%zz%']]],
    ['&&a=1&&', [['a', '1']]],
    [
      'a[b]=1&__proto__=2&constructor=3',
      [
        ['a[b]', '1'],
        ['__proto__', '2'],
        ['constructor', '3'],
      ],
    ],
    ['a;b=1', [['a;b', '1']]],
    ['?a=1', [['?a', '1']]],
    ['\ufeffa=1', [['a', '1']]],
  ]
  for (const [text, expected] of table) {
    it(`reads ${JSON.stringify(text)}`, () => assert.deepEqual(read(text), fields(...expected)))
  }

  it('reads back whatever URLSearchParams writes', () => {
    const pairs = fc.array(fc.tuple(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' })), {
      maxLength: 20,
    })
    fc.assert(
      fc.property(pairs, (pairs) => {
        assert.deepEqual(read(new URLSearchParams(pairs).toString()), fields(...pairs))
      }),
    )
  })

  it('refuses what is not UTF-8, rather than take two passwords for one', () => {
    for (const text of ['a=%FC', 'a=%FD', 'a=%EF%BF%BD%FF', '%FF=1', 'a=%ED%A0%80', 'a=%C3']) {
      assert.throws(() => read(text), { code: 'malformed_body', detail: 'not UTF-8' }, text)
    }
    assert.throws(() => parseUrlEncoded(Buffer.from([0x61, 0x3d, 0xff])), { detail: 'not UTF-8' })
  })

  it('reads 64 fields and no 65th', () => {
    const text = (count: number) => Array.from({ length: count }, (_, index) => `f${index}=1`).join('&')
    assert.equal(read(text(64)).length, 64)
    assert.throws(() => read(text(65)), { code: 'malformed_body', detail: 'more than 64 fields' })
  })
})

describe('parseMultipart', () => {
  const type = (boundary?: string) => ({
    type: 'multipart/form-data',
    parameters: new Map(boundary === undefined ? [] : [['boundary', boundary]]),
  })
  const part = (head: string, body: string) => `--x\r\nContent-Disposition: form-data; ${head}\r\n\r\n${body}\r\n`
  const parse = (text: string, boundary: string | undefined = 'x') => parseMultipart(Buffer.from(text), type(boundary))

  it('reads fields in their order, repeated ones included, and no file', async () => {
    const text = `${part('name="a"', '1')}${part('name="a"', 'é🦊')}${part('name="f"; filename="f.txt"', 'secret')}${part('name="__proto__"', '')}--x--\r\n`
    assert.deepEqual(await parse(text), fields(['a', '1'], ['a', 'é🦊'], ['f', null], ['__proto__', '']))
  })

  it('refuses what is cut, empty, or not multipart at all', async () => {
    for (const text of ['', 'a=1', '--x', part('name="a"', '1'), '--y--\r\n', '--x\r\n\r\n\r\n--x--']) {
      await assert.rejects(parse(text), { code: 'malformed_body' }, JSON.stringify(text))
    }
  })

  it('refuses a boundary that is missing, too long, or could end its own quotes', async () => {
    for (const boundary of [undefined, '', 'x'.repeat(71), 'x"y', 'x\r\ny', 'é', '\0']) {
      await assert.rejects(parseMultipart(Buffer.from('--x--\r\n'), type(boundary)), {
        code: 'malformed_body',
        detail: 'Invalid boundary',
      })
    }
  })

  it('reads 64 fields and no 65th', async () => {
    const text = (count: number) => `${part('name="a"', '1').repeat(count)}--x--\r\n`
    assert.equal((await parse(text(64))).length, 64)
    await assert.rejects(parse(text(65)), { code: 'malformed_body', detail: 'more than 64 fields' })
  })

  it('answers or refuses any bytes, and never fails otherwise', async () => {
    const pieces = fc.constantFrom(
      '--x',
      '--',
      '\r\n',
      'Content-Disposition: form-data; name="a"',
      ';',
      '"',
      '\0',
      'é',
      'a',
    )
    await fc.assert(
      fc.asyncProperty(fc.array(pieces, { maxLength: 12 }), async (parts) => {
        await parse(parts.join('')).catch((error) => assert.equal(error.code, 'malformed_body'))
      }),
    )
  })
})
