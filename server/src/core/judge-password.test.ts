import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Problem } from './errors.ts'
import { judgePassword, type NewPassword } from './judge-password.ts'
import type { PasswordPolicy } from './ports.ts'

const field = 'a_field'

/** With a list of one common password, for what the list is does not matter here. */
function judge(rules: PasswordPolicy['rules'], given: Partial<NewPassword>): readonly Problem[] {
  const screening = {
    isCommon: (password: string) => password === 'correct horse battery',
    isBreached: () => assert.fail('a breach was asked for'),
  }
  const policy = { rules, productNames: ['Latchkey'] }
  return judgePassword({ policy, screening }, { password: undefined, field, names: [], own: [], ...given })
}

describe('judgePassword', () => {
  it('asks for 15 characters under hardened rules, for 8 where there is a second factor, counted as people count', () => {
    const table: readonly [string, boolean, number | null][] = [
      ['k7#fq w2!mz p0', false, 15],
      ['k7#fq w2!mz p09', false, null],
      ['🦊🐢🐙🦉🐌🐛🐝🐞🦋🐠🐬🐳🦭🐊', false, 15],
      ['🦊🐢🐙🦉🐌🐛🐝🐞🦋🐠🐬🐳🦭🐊🦎', false, null],
      ['k7#fq w', true, 8],
      ['k7#fq w2', true, null],
    ]
    for (const [password, hasSecondFactor, limit] of table) {
      const expected = limit === null ? [] : [{ field, rule: 'too_short', limit }]
      assert.deepEqual(judge('hardened', { password, hasSecondFactor }), expected, password)
    }
  })

  it('counts the form that is hashed', () => {
    const typed = `${'e\u0301'.repeat(8)} 123456`
    assert.equal([...typed.normalize('NFC')].length, 15)
    assert.deepEqual(judge('hardened', { password: typed }), [])
  })

  it('puts its own length in the place of the door’s, also where no password came in', () => {
    const own: readonly Problem[] = [
      { field: 'other', rule: 'too_short', limit: 8 },
      { field, rule: 'too_short', limit: 8 },
    ]
    const told = [own[0], { field, rule: 'too_short', limit: 15 }]
    assert.deepEqual(judge('hardened', { own }), told)
    assert.deepEqual(judge('hardened', { own, password: 'k7#fq w' }), told)
    assert.deepEqual(judge('hardened', { own: [{ field, rule: 'too_short', limit: 20 }] }), [
      { field, rule: 'too_short', limit: 20 },
    ])
    assert.deepEqual(judge('documented', { own, password: 'k7#fq w' }), own)
  })

  it('adds nothing under documented rules but what cannot be hashed, and that once', () => {
    assert.deepEqual(judge('documented', { password: 'correct horse battery' }), [])
    const surrogate: Problem = { field, rule: 'lone_surrogate', codeUnit: 0xd800 }
    const long: Problem = { field, rule: 'too_long', limit: 1024 }
    for (const rules of ['documented', 'hardened'] as const) {
      assert.deepEqual(judge(rules, { password: 'a\ud800' }), [surrogate])
      assert.deepEqual(judge(rules, { password: 'a'.repeat(1025), own: [long] }), [long])
    }
  })

  it('tells everything else behind the door’s own, and nothing where two differ', () => {
    const own: readonly Problem[] = [{ field, rule: 'needs_numeral' }]
    const names = [{ of: 'name', text: 'Correct Horse' }] as const
    assert.deepEqual(judge('hardened', { password: 'correct horse battery', names, own }), [
      ...own,
      { field, rule: 'too_similar', similarTo: 'name' },
      { field, rule: 'common' },
    ])
    const mismatch: readonly Problem[] = [{ field, rule: 'mismatch' }]
    assert.deepEqual(judge('hardened', { password: 'short', own: mismatch }), mismatch)
  })
})
