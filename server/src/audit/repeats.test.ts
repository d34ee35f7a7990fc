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

  it('are letters that are asked for, which cost nobody anything', () => {
    const repeats = createRepeats()
    const asked = { ...THROTTLED, type: 'password_reset_requested', detail: {} } as const
    const told = Array.from({ length: 30 }, () => repeats.take(asked)).flat()
    assert.deepEqual(told, [asked])
    assert.deepEqual(repeats.settle(Number.POSITIVE_INFINITY), [{ ...asked, detail: { repeated: '29' } }])
  })

  it('are alike whatever an account chooses to send: its fields make no kinds', () => {
    const repeats = createRepeats()
    for (const type of ['privileged_field_ignored', 'profile_changed'] as const) {
      const told = ['role', 'is_staff', 'role is_staff'].flatMap((field) =>
        repeats.take({ ...THROTTLED, type, actor: 'account:1', accountId: 1, detail: { field } }),
      )
      assert.equal(told.length, 1)
    }
    assert.deepEqual(
      repeats.settle(Number.POSITIVE_INFINITY).map(({ detail }) => detail),
      Array.from({ length: 2 }, () => ({ field: 'role is_staff', repeated: '2' })),
    )
  })

  it('from more networks than are remembered are counted for each account, and none is lost', () => {
    const repeats = createRepeats()
    const flood = (accountId: number) =>
      Array.from({ length: 10_000 }, (_, index) =>
        repeats.take({ ...THROTTLED, type: 'revoked_token_used', accountId, network: `net-${index}`, detail: {} }),
      ).flat()
    const told = [...flood(1), ...flood(2)]
    assert.ok(told.length < 2100, `${told.length}`)
    const sums = repeats.settle(Number.POSITIVE_INFINITY)
    assert.equal(told.length + sums.reduce((sum, { detail }) => sum + Number(detail.repeated), 0), 20_000)
    // Nothing is said that is not true of all of them.
    const { at: _, ...ofTwo } = sums.find(({ accountId }) => accountId === 2) ?? THROTTLED
    const nowhere = { contract: null, requestId: null, network: null, userAgent: null }
    const detail = { repeated: '9999' }
    assert.deepEqual(ofTwo, { type: 'revoked_token_used', actor: 'anonymous', accountId: 2, ...nowhere, detail })
  })

  it('of more accounts than are remembered are counted for each type, and none is lost', () => {
    const repeats = createRepeats()
    const told = Array.from({ length: 50_000 }, (_, accountId) => repeats.take({ ...THROTTLED, accountId })).flat()
    assert.ok(told.length < 4200, `${told.length}`)
    const sums = repeats.settle(Number.POSITIVE_INFINITY)
    assert.equal(told.length + sums.reduce((sum, { detail }) => sum + Number(detail.repeated), 0), 50_000)
    assert.deepEqual([sums.length, sums[0]?.accountId, sums[0]?.actor], [1, null, 'server'])
  })

  it('are told when the clock is put back', () => {
    const repeats = createRepeats()
    repeats.take(THROTTLED)
    repeats.take({ ...THROTTLED, at: 1001 })
    assert.equal(repeats.settle(0).length, 1)
  })
})
