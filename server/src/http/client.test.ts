import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readClient } from './client.ts'

describe('readClient', () => {
  it('keeps at most 256 characters of the user agent, and nothing that a database refuses', () => {
    assert.deepEqual(readClient('192.0.2.1', undefined), { network: '192.0.2.1', userAgent: '' })
    assert.equal(readClient('192.0.2.1', 'a'.repeat(1000)).userAgent, 'a'.repeat(256))
    assert.equal(readClient('192.0.2.1', `${'a'.repeat(255)}🦊`).userAgent, `${'a'.repeat(255)}\ufffd`)
    assert.equal(readClient('192.0.2.1', 'a\0b').userAgent, 'ab')
  })
})
