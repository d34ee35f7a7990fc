import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { createSealing } from './sealing.ts'

const WRONG_SECRET =
  'The secret in force is not the one this database was sealed under: set LATCHKEY_SECRET (or the secret file beside the database) back to the former value.'
const DAMAGED = 'A sealed secret in the database is damaged: restore the database from a backup.'

describe('a sealed text', () => {
  const sealing = createSealing('one secret of an operator')
  const sealed = sealing.seal('the text', 'a context')

  it('opens with the same secret and context, whatever it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (text, context) => {
        assert.equal(sealing.open(sealing.seal(text, context), context), text)
      }),
    )
    assert.equal(createSealing('one secret of an operator').open(sealed, 'a context'), 'the text')
  })

  it('is another each time, and shows nothing of the text', () => {
    assert.notEqual(sealing.seal('the text', 'a context'), sealed)
    assert.ok(!Buffer.from(sealed.split('.')[2] ?? '', 'base64url').includes('the text'))
  })

  it('does not open with another secret, and the sentence says what to do', () => {
    for (const secret of ['another secret', 'one secret of an operator ', '']) {
      assert.throws(() => createSealing(secret).open(sealed, 'a context'), { message: WRONG_SECRET })
    }
  })

  it('does not open in another context', () => {
    assert.throws(() => sealing.open(sealed, 'another context'), { message: WRONG_SECRET })
  })

  it('does not open once any bit of it has flipped', () => {
    const [version = '', ...parts] = sealed.split('.')
    for (const [index, part] of parts.entries()) {
      const bytes = Buffer.from(part, 'base64url')
      for (let bit = 0; bit < bytes.length * 8; bit++) {
        const flipped = Buffer.from(bytes)
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        const text = [version, ...parts.with(index, flipped.toString('base64url'))].join('.')
        assert.throws(() => sealing.open(text, 'a context'), { message: WRONG_SECRET })
      }
    }
  })

  it('does not open when it is cut, empty or of another version', () => {
    const [, nonce = '', body = '', tag = ''] = sealed.split('.')
    for (const text of ['', 'v1', `v1.${nonce}`, `v1.${nonce}.${body}`, `v2.${nonce}.${body}.${tag}`]) {
      assert.throws(() => sealing.open(text, 'a context'), { message: DAMAGED })
    }
    const shortTag = Buffer.from(tag, 'base64url').subarray(0, 4).toString('base64url')
    for (const text of [`v1.${nonce}.${body}.${shortTag}`, `v1..${body}.${tag}`, `v1.${nonce}.${body}.`]) {
      assert.throws(() => sealing.open(text, 'a context'), { message: WRONG_SECRET })
    }
  })
})
