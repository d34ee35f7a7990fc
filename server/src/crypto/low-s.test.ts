import assert from 'node:assert/strict'
import { generateKeyPairSync, sign, verify } from 'node:crypto'
import { describe, it } from 'node:test'
import { hasLowS, toLowS } from './low-s.ts'

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

describe('the smaller s', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const form = 'ieee-p1363'

  it('is as good a signature as the other, and about every second one is changed to it', () => {
    let changed = 0
    for (let index = 0; index < 200; index++) {
      const text = Buffer.from(`text ${index}`)
      const signature = sign('sha256', text, { key: privateKey, dsaEncoding: form })
      const low = toLowS(signature)
      if (!signature.equals(low)) changed++
      assert.ok(hasLowS(low))
      assert.ok(verify('sha256', text, { key: publicKey, dsaEncoding: form }, low))
      assert.deepEqual(toLowS(low), low)
    }
    assert.ok(changed > 50 && changed < 150, `${changed} of 200`)
  })

  it('is at most half the order', () => {
    for (const [s, isLow] of [
      [1n, true],
      [ORDER >> 1n, true],
      [(ORDER >> 1n) + 1n, false],
      [ORDER - 1n, false],
    ] as const) {
      const signature = Buffer.concat([Buffer.alloc(32, 1), Buffer.from(s.toString(16).padStart(64, '0'), 'hex')])
      assert.equal(hasLowS(signature), isLow)
      assert.equal(toLowS(signature).length, 64)
      assert.ok(hasLowS(toLowS(signature)))
    }
  })

  it('has nothing of another length', () => {
    for (const length of [0, 32, 63, 65, 70]) assert.equal(hasLowS(Buffer.alloc(length)), false)
  })
})
