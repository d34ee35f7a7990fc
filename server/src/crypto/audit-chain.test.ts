import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createAuditChain } from './audit-chain.ts'

const chain = createAuditChain({ secret: 'a secret that only tests have, 32+ long' })
const PREVIOUS = 'ab'.repeat(32)
const ENTRY = {
  seq: 7,
  at: 1_700_000_000_000,
  type: 'login_failed',
  actor: 'account:12',
  accountId: 12,
  contract: 'drf-token',
  requestId: 'a1b2-3',
  network: '192.0.2.1',
  userAgent: 'curl/8',
  detail: { reason: 'wrong_password' },
}

describe('the audit chain', () => {
  it('makes the same hash of the same entry, and another of whatever differs in any field', () => {
    const hashes = [
      chain.link(PREVIOUS, ENTRY),
      chain.link('', ENTRY),
      chain.link(PREVIOUS, { ...ENTRY, seq: 8 }),
      chain.link(PREVIOUS, { ...ENTRY, at: ENTRY.at + 1 }),
      chain.link(PREVIOUS, { ...ENTRY, at: Number.NaN }),
      chain.link(PREVIOUS, { ...ENTRY, type: 'login_succeeded' }),
      chain.link(PREVIOUS, { ...ENTRY, actor: 'account:1' }),
      chain.link(PREVIOUS, { ...ENTRY, accountId: 2 }),
      chain.link(PREVIOUS, { ...ENTRY, accountId: null }),
      chain.link(PREVIOUS, { ...ENTRY, accountId: Number.NaN }),
      chain.link(PREVIOUS, { ...ENTRY, contract: null }),
      chain.link(PREVIOUS, { ...ENTRY, contract: '' }),
      chain.link(PREVIOUS, { ...ENTRY, contract: 'null' }),
      chain.link(PREVIOUS, { ...ENTRY, requestId: 'a1b2-4' }),
      chain.link(PREVIOUS, { ...ENTRY, network: '192.0.2.2' }),
      chain.link(PREVIOUS, { ...ENTRY, userAgent: 'curl/9' }),
      chain.link(PREVIOUS, { ...ENTRY, detail: {} }),
      chain.link(PREVIOUS, { ...ENTRY, detail: { ...ENTRY.detail, more: '' } }),
    ]
    assert.equal(new Set(hashes).size, hashes.length)
    assert.equal(chain.link(PREVIOUS, { ...ENTRY }), hashes[0])
    for (const hash of hashes) assert.match(hash, /^[0-9a-f]{64}$/)
  })

  it('knows where a field ends', () => {
    const moved = { ...ENTRY, requestId: 'a1b2-3","192.0.2.1', network: null }
    assert.notEqual(chain.link(PREVIOUS, moved), chain.link(PREVIOUS, ENTRY))
    const glued = { ...ENTRY, network: '192.0.2.1curl', userAgent: '/8' }
    assert.notEqual(chain.link(PREVIOUS, glued), chain.link(PREVIOUS, ENTRY))
  })

  it('never takes a link, a beginning and an end for each other', () => {
    const place = { seq: 7, hash: PREVIOUS }
    const marks = [chain.sealAnchor(place), chain.sealHead(place), chain.link(PREVIOUS, ENTRY)]
    assert.equal(new Set(marks).size, 3)
    assert.notEqual(chain.sealHead({ ...place, seq: 8 }), chain.sealHead(place))
  })

  it('cannot be made under another secret', () => {
    const other = createAuditChain({ secret: 'a secret that only thieves have, 32+ long' })
    assert.notEqual(other.link(PREVIOUS, ENTRY), chain.link(PREVIOUS, ENTRY))
    assert.notEqual(other.sealHead({ seq: 7, hash: PREVIOUS }), chain.sealHead({ seq: 7, hash: PREVIOUS }))
  })
})
