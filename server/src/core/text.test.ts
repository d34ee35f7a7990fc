import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { countCodePoints, findLoneSurrogate, isStorable, stripOuterSpace } from './text.ts'

/** Every character for which Python 3 says `str.isspace()`. */
const PYTHON_SPACE = [
  0x9, 0xa, 0xb, 0xc, 0xd, 0x1c, 0x1d, 0x1e, 0x1f, 0x20, 0x85, 0xa0, 0x1680, 0x2000, 0x2001, 0x2002, 0x2003, 0x2004,
  0x2005, 0x2006, 0x2007, 0x2008, 0x2009, 0x200a, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000,
]

const anyText = fc.string({ unit: 'binary' })

describe('stripOuterSpace', () => {
  it('strips exactly the characters that Python strips, of all there are', () => {
    const stripped: number[] = []
    for (let code = 0; code <= 0xffff; code++) {
      const character = String.fromCharCode(code)
      const outer = stripOuterSpace(`${character}a${character}`)
      if (outer === 'a') stripped.push(code)
      else assert.equal(outer, `${character}a${character}`)
    }
    assert.deepEqual(stripped, PYTHON_SPACE)
  })

  it('leaves inner white space, and characters beyond the first plane, alone', () => {
    assert.equal(stripOuterSpace(' \u0085a b\u3000\n'), 'a b')
    assert.equal(stripOuterSpace('\ufeff a \ufeff'), '\ufeff a \ufeff')
    assert.equal(stripOuterSpace(' 🦊 '), '🦊')
    assert.equal(stripOuterSpace(' \t\r\n'), '')
  })

  it('takes no longer than the text is long', () => {
    const started = performance.now()
    stripOuterSpace(`a${' '.repeat(200_000)}b`)
    stripOuterSpace(' '.repeat(200_000))
    assert.ok(performance.now() - started < 1000)
  })

  it('changes nothing the second time, whatever the text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const once = stripOuterSpace(text)
        assert.equal(stripOuterSpace(once), once)
        assert.ok(text.includes(once))
      }),
    )
  })
})

describe('countCodePoints', () => {
  it('counts as people do, not as UTF-16 does', () => {
    assert.equal(countCodePoints(''), 0)
    assert.equal(countCodePoints('aé🦊'), 3)
    assert.equal(countCodePoints('\ud83e'), 1)
  })
})

describe('findLoneSurrogate', () => {
  const table: readonly [string, number | null][] = [
    ['', null],
    ['🦊', null],
    ['a\ud800', 0xd800],
    ['\udc00a', 0xdc00],
    ['🦊\udfff\ud800', 0xdfff],
    ['\udc00\ud800', 0xdc00],
  ]
  for (const [text, expected] of table) {
    it(`gives ${expected === null ? 'null' : expected.toString(16)} for ${JSON.stringify(text)}`, () => {
      assert.equal(findLoneSurrogate(text), expected)
    })
  }

  it('finds one exactly where a text is not well formed', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0xd700, max: 0xe100 })), (units) => {
        const text = String.fromCharCode(...units)
        assert.equal(findLoneSurrogate(text) === null, text.isWellFormed())
      }),
    )
  })
})

describe('isStorable', () => {
  it('refuses NUL and lone surrogates, and nothing else', () => {
    assert.equal(isStorable(''), true)
    assert.equal(isStorable('a\u0001🦊\uffff'), true)
    assert.equal(isStorable('a\0'), false)
    assert.equal(isStorable('\ud800'), false)
  })
})
