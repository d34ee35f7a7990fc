import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { findPasswordProblem, normalisePassword } from './password-rules.ts'

describe('normalisePassword', () => {
  it('makes one password of é however it was typed', () => {
    assert.equal(normalisePassword('cafe\u0301-secret'), normalisePassword('caf\u00e9-secret'))
  })

  it('does not fold, trim or cut', () => {
    for (const text of [' A b ', '\tTab', 'ＡＢＣ', 'straße', 'nul\0byte', '', 'a'.repeat(1024)]) {
      assert.equal(normalisePassword(text), text)
    }
  })

  it('keeps apart what is not canonically the same', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (one, other) => {
        const isSame = one.normalize('NFD') === other.normalize('NFD')
        assert.equal(normalisePassword(one) === normalisePassword(other), isSame)
      }),
    )
  })
})

describe('findPasswordProblem', () => {
  const table: readonly [string, string, object | null][] = [
    ['1024 characters', 'a'.repeat(1024), null],
    ['1025 characters', 'a'.repeat(1025), { field: 'p', rule: 'too_long', limit: 1024 }],
    ['1024 characters that are 2048 code units', '🦊'.repeat(1024), null],
    ['1025 characters that are 2050 code units', '🦊'.repeat(1025), { field: 'p', rule: 'too_long', limit: 1024 }],
    ['a lone surrogate', 'abc\ud83e', { field: 'p', rule: 'lone_surrogate', codeUnit: 0xd83e }],
    ['a NUL', 'abc\0', null],
    ['nothing', '', null],
  ]
  for (const [name, password, expected] of table) {
    it(`${expected === null ? 'takes' : 'refuses'} ${name}`, () => {
      assert.deepEqual(findPasswordProblem(password, 'p'), expected)
      if (expected === null) return
      assert.throws(() => normalisePassword(password, 'p'), { code: 'invalid_input', problems: [expected] })
    })
  }
})
