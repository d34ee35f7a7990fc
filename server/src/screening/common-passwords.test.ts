import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import fc from 'fast-check'
import { type CommonPasswords, loadCommonPasswords } from './common-passwords.ts'

describe('the built-in list', () => {
  let common: CommonPasswords
  before(async () => {
    common = await loadCommonPasswords()
  })

  it('has at least ten thousand passwords', () => {
    assert.ok(common.count >= 10_000, String(common.count))
  })

  const COMMON: readonly [string, string][] = [
    ['one that stands in it', 'password123'],
    ['one in any case', 'PassWord123'],
    ['one in wide letters', 'ｐａｓｓｗｏｒｄ１２３'],
    ['one with outer white space', '  password123\n'],
    ['one backwards', 'poiuytrewq'],
    ['letters in order', 'ABCDEFGHIJKLMNOP'],
    ['letters against the order', 'zyxwvuts'],
    ['digits in order, past nine', '123456789012345678'],
    ['digits against the order, past nought', '3210987654'],
    ['one character over and over', 'aaaaaaaaaaaaaaa'],
    ['a few over and over', 'abc4abc4abc4abc4'],
    ['one from the list over and over', 'letmein1letmein1letmein1'],
    ['the same, cut off', 'letmein1letmein1letm'],
    ['a run over and over', 'abcdefghabcdefgh'],
  ]
  for (const [name, password] of COMMON) {
    it(`knows ${name}: ${JSON.stringify(password)}`, () => assert.equal(common.has(password), true))
  }

  const UNCOMMON: readonly [string, string][] = [
    ['a phrase of common words', 'correct horse battery staple'],
    ['a common one with something of its own behind it', 'password123-Kjq7w'],
    ['a phrase that ends as it begins', 'horse battery staple horse'],
    ['a long phrase that is said twice', 'copper kettle copper kettle'],
    ['twenty random digits', '38201957466120935847'],
    ['nothing', ''],
    ['two letters', 'ab'],
    ['another script', 'очень длинный пароль для всех'],
    ['emoji', '🦊🐢🐙🦉🐌🐛🐝🐞'],
  ]
  for (const [name, password] of UNCOMMON) {
    it(`does not know ${name}: ${JSON.stringify(password)}`, () => assert.equal(common.has(password), false))
  }

  it('knows whatever is repeated in full, if it is short, and answers to any text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', minLength: 1, maxLength: 3 }),
        fc.integer({ min: 3, max: 9 }),
        (part, times) => {
          fc.pre(part.trim() === part && part.normalize('NFKC') === part && !/[\p{Z}\p{C}]/u.test(part))
          assert.equal(common.has(part.repeat(times)), true)
        },
      ),
    )
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => typeof common.has(text) === 'boolean'))
  })

  it('answers to the longest password at once, however it repeats itself', () => {
    const started = performance.now()
    for (const text of [`${'a'.repeat(1023)}b`, `${'ab'.repeat(511)}c`, 'aab'.repeat(341)]) common.has(text)
    assert.ok(performance.now() - started < 100)
  })
})
