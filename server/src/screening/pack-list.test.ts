import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { packList } from './pack-list.ts'

describe('a packed list', () => {
  const texts = () => fc.string({ unit: 'binary' }).filter((text) => !JSON.stringify(text).includes('\\'))

  it('has exactly the texts that it was made of, however they are laid out', () => {
    const lists = fc.uniqueArray(texts(), { maxLength: 200 })
    fc.assert(
      fc.property(lists, texts(), fc.constantFrom(undefined, 2), (list, other, space) => {
        const packed = packList(Buffer.from(JSON.stringify(list, null, space)))
        assert.equal(packed.count, list.length)
        for (const text of list) assert.equal(packed.has(text), true)
        assert.equal(packed.has(other), list.includes(other))
      }),
    )
  })

  it('has no text that is not all of one of them', () => {
    const packed = packList(Buffer.from('["password","letmein","é"]'))
    for (const text of [
      'passwor',
      'assword',
      'password"',
      'password","letmein',
      ',',
      '","',
      '',
      'e',
      '\\u00e9',
      '["',
    ]) {
      assert.equal(packed.has(text), false, text)
    }
  })

  it('is refused where a text would have to be read', () => {
    assert.throws(() => packList(Buffer.from('["a\\"b"]')), /escapes/)
  })
})
