import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { spellPassword } from './spell-password.ts'

describe('spellPassword', () => {
  it('tries NFC first against a hash that is written as our own are, and stripped last, and nothing twice', () => {
    const table: readonly [string, readonly string[]][] = [
      ['plain', ['plain']],
      ['', ['']],
      ['caf\u00e9', ['caf\u00e9']],
      ['e\u0301', ['\u00e9', 'e\u0301']],
      [' e\u0301\n', [' \u00e9\n', ' e\u0301\n', '\u00e9', 'e\u0301']],
      ['\ufeffx', ['\ufeffx']],
    ]
    for (const [typed, expected] of table) assert.deepEqual(spellPassword(typed, null), expected)
  })

  it('tries what was typed first against the hash of a back end before, then NFC, its own spellings, and stripped', () => {
    const table: readonly [string, readonly string[], readonly string[]][] = [
      ['plain', [], ['plain']],
      ['cafe\u0301', [], ['cafe\u0301', 'caf\u00e9']],
      ['caf\u00e9', ['cafe'], ['caf\u00e9', 'cafe']],
      [' e\u0301 ', ['its own'], [' e\u0301 ', ' \u00e9 ', 'its own', 'e\u0301', '\u00e9']],
      [' x', ['x', ' x'], [' x', 'x']],
    ]
    for (const [typed, legacy, expected] of table) assert.deepEqual(spellPassword(typed, legacy), expected)
  })
})
