import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { findSimilarName, type NamedText } from './find-similar-name.ts'

const ADA: readonly NamedText[] = [
  { of: 'username', text: 'enchantress' },
  { of: 'first_name', text: 'Ada' },
  { of: 'last_name', text: 'Lovelace' },
  { of: 'name', text: 'Ada Lovelace' },
  { of: 'email', text: 'countess.of.numbers@Bücherei.example' },
  { of: 'product', text: 'Analytical Engine' },
]

describe('a password is too similar to', () => {
  const SIMILAR: readonly [string, string | null][] = [
    ['Enchantress-1843', 'username'],
    ['enchantressenchantress', 'username'],
    ['LOVELACE!2026', 'last_name'],
    ['Ada.Lovelace.1815', 'name'],
    ['ａｄａ　ｌｏｖｅｌａｃｅ', 'name'],
    ['countessofnumbers1', 'email'],
    ['numbers_countess_7', 'email'],
    ['bu\u0308cherei-2026-01', 'email'],
    ['analytical-engine', 'product'],
    ['lovelace enchantress analytical', 'username'],
    ['lovelace <> (**) ^^', 'last_name'],
  ]
  for (const [password, of] of SIMILAR) {
    it(`${of} when it is ${JSON.stringify(password)}`, () => assert.equal(findSimilarName(password, ADA), of))
  }

  const OWN = [
    'lovelace and eight other words',
    'enchantress🦊🐢🐙🦉🐌🐛🐝🐞',
    'copper kettle 7 tall windows',
    // Three letters are in too many words.
    'adamant',
    'short',
    '',
  ]
  for (const password of OWN) {
    it(`nobody when it is ${JSON.stringify(password)}`, () => assert.equal(findSimilarName(password, ADA), null))
  }

  it('nobody where there are no names, or none with four letters', () => {
    assert.equal(findSimilarName('lovelace', []), null)
    assert.equal(findSimilarName('xyxyxyxy', [{ of: 'name', text: 'Xy' }]), null)
  })
})
