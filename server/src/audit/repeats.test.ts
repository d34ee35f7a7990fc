import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { AuditEntry } from '../core/ports.ts'
import { createRepeats } from './repeats.ts'

const THROTTLED: AuditEntry = {
  at: 1000,
  type: 'throttled',
  actor: 'anonymous',
  accountId: null,
  contract: 'a-door',
  requestId: 'r-1',
  network: '198.51.100.7',
  userAgent: 'one',
  detail: { budget: 'network' },
}

describe('repeated events', () => {
  it('become one entry, and one that tells how many more there were within its minute', () => {
    const repeats = createRepeats()
    assert.deepEqual(repeats.take(THROTTLED), [THROTTLED])
    for (let index = 1; index <= 500; index++) {
      const again = { ...THROTTLED, at: 1000 + index, requestId: `r-${index}`, userAgent: `agent ${index}` }
      assert.deepEqual(repeats.take(again), [])
    }
    assert.deepEqual(repeats.settle(60_999), [])
    const told = { ...THROTTLED, at: 1500, requestId: 'r-500', userAgent: 'agent 500' }
    const detail = { budget: 'network', repeated: '500' }
    assert.deepEqual(repeats.settle(61_000), [{ ...told, detail }])
    assert.deepEqual(repeats.settle(999_000), [])
    assert.deepEqual(repeats.take({ ...THROTTLED, at: 999_000 }), [{ ...THROTTLED, at: 999_000 }])
  })

  it('are told before the first of the next minute, where nobody settled meanwhile', () => {
    const repeats = createRepeats()
    repeats.take(THROTTLED)
    repeats.take({ ...THROTTLED, at: 2000 })
    const later = { ...THROTTLED, at: 90_000 }
    const told = repeats.take(later)
    assert.deepEqual(
      told.map(({ detail }) => detail),
      [{ budget: 'network', repeated: '1' }, { budget: 'network' }],
    )
    assert.equal(told[1], later)
  })

  it('are told apart by account, network, door, budget and subject', () => {
    const repeats = createRepeats()
    const different: AuditEntry[] = [
      THROTTLED,
      { ...THROTTLED, accountId: 1 },
      { ...THROTTLED, network: null },
      { ...THROTTLED, contract: 'another-door' },
      { ...THROTTLED, detail: { budget: 'account' } },
      { ...THROTTLED, type: 'revoked_token_used', detail: { kind: 'access', subject: 'a' } },
      { ...THROTTLED, type: 'revoked_token_used', detail: { kind: 'access', subject: 'b' } },
    ]
    for (const entry of different) assert.deepEqual(repeats.take(entry), [entry])
    for (const entry of different) assert.deepEqual(repeats.take(entry), [])
  })

  it('are counted of what strangers can repeat for nothing only: every sign-in has its entry', () => {
    const repeats = createRepeats()
    for (const type of ['login_succeeded', 'login_failed', 'password_changed', 'account_deleted'] as const) {
      const entry = { ...THROTTLED, type }
      assert.deepEqual(repeats.take(entry), [entry])
      assert.deepEqual(repeats.take(entry), [entry])
    }
  })

  it('of more kinds than are remembered the oldest is told early, and none is lost', () => {
    const repeats = createRepeats()
    const kinds = 10_000
    let told = 0
    const count = (entries: readonly AuditEntry[]) => {
      for (const { detail } of entries) told += Number(detail.repeated ?? 1)
    }
    for (let index = 0; index < kinds; index++) {
      const entry = { ...THROTTLED, network: `net-${index}` }
      count(repeats.take(entry))
      count(repeats.take(entry))
    }
    assert.ok(told > kinds + 5000)
    count(repeats.settle(Number.POSITIVE_INFINITY))
    assert.equal(told, 2 * kinds)
  })

  it('are told when the clock is put back', () => {
    const repeats = createRepeats()
    repeats.take(THROTTLED)
    repeats.take({ ...THROTTLED, at: 1001 })
    assert.equal(repeats.settle(0).length, 1)
  })
})
