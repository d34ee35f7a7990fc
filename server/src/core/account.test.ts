import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { completeProfile } from './account.ts'

describe('completeProfile', () => {
  const table: readonly [Parameters<typeof completeProfile>[0], string, string, string][] = [
    [{}, '', '', ''],
    [{ name: 'Ada' }, 'Ada', 'Ada', ''],
    [{ name: 'Ada Lovelace' }, 'Ada Lovelace', 'Ada', 'Lovelace'],
    [{ name: 'Ada King Lovelace' }, 'Ada King Lovelace', 'Ada', 'King Lovelace'],
    [{ name: 'Ada  Lovelace' }, 'Ada  Lovelace', 'Ada', 'Lovelace'],
    [{ firstName: 'Ada', lastName: 'Lovelace' }, 'Ada Lovelace', 'Ada', 'Lovelace'],
    [{ firstName: 'Ada' }, 'Ada', 'Ada', ''],
    [{ lastName: 'Lovelace' }, 'Lovelace', '', 'Lovelace'],
    [{ name: 'Countess', firstName: 'Ada', lastName: 'Lovelace' }, 'Countess', 'Ada', 'Lovelace'],
    [{ name: '', firstName: 'Ada' }, 'Ada', 'Ada', ''],
  ]
  for (const [given, name, firstName, lastName] of table) {
    it(`makes of ${JSON.stringify(given)} the name ${JSON.stringify(name)}`, () => {
      assert.deepEqual(completeProfile(given), { name, firstName, lastName, phoneNumber: '' })
    })
  }

  it('keeps the phone number', () => {
    assert.equal(completeProfile({ phoneNumber: '+49123456789' }).phoneNumber, '+49123456789')
  })

  it('never changes what was given', () => {
    const text = fc.string({ minLength: 1 })
    fc.assert(
      fc.property(text, text, text, (name, firstName, lastName) => {
        assert.equal(completeProfile({ name }).name, name)
        const pair = completeProfile({ firstName, lastName })
        assert.deepEqual([pair.firstName, pair.lastName], [firstName, lastName])
      }),
    )
  })
})
