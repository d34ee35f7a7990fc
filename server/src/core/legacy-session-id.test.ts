import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isLegacySessionId, toLegacySessionId } from './legacy-session-id.ts'

describe('toLegacySessionId', () => {
  it('makes a UUID of version 8, always the same of one digest, that no random one is', () => {
    const id = toLegacySessionId('0123456789abcdef0123456789abcdef')
    assert.equal(id, '01234567-89ab-8def-8123-456789abcdef')
    assert.equal(isLegacySessionId(id), true)
    for (let round = 0; round < 1000; round++) assert.equal(isLegacySessionId(crypto.randomUUID()), false)
    for (const other of ['', `${id} `, id.toUpperCase(), id.slice(1), 'x'])
      assert.equal(isLegacySessionId(other), false)
  })
})
