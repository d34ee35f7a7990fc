import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createTokens } from './tokens.ts'

const tokens = createTokens({ secret: 'a secret of some length' })

describe('tokens', () => {
  const table = [
    ['makeKey', /^[0-9a-f]{40}$/],
    ['makeTokenId', /^[0-9a-f]{32}$/],
    ['makeId', /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/],
    ['makeSecret', /^[A-Za-z0-9_-]{43}$/],
  ] as const
  for (const [name, pattern] of table) {
    it(`of ${name} have their length and letters, and never come twice`, () => {
      const made = Array.from({ length: 2000 }, () => tokens[name]())
      for (const token of made) assert.match(token, pattern)
      assert.equal(new Set(made).size, 2000)
    })
  }

  it('are kept as their SHA-256', () => {
    assert.equal(tokens.digest('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
    assert.equal(tokens.digest('é'), '4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c')
  })
})
