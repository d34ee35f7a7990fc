import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { writeCsvLine } from './write-csv.ts'

describe('a line of CSV', () => {
  it('has every cell quoted, quotes doubled, and ends as RFC 4180 has it', () => {
    assert.equal(writeCsvLine(['a', 'say "hi", twice', null, 7, 'x;y']), '"a","say ""hi"", twice","","7","x;y"\r\n')
  })

  it('has nothing that a spreadsheet runs, however it begins', () => {
    for (const formula of [
      '=cmd|"/c calc"!A1',
      '+1+1',
      '-2+3',
      '@SUM(1)',
      '\t=1',
      '\r=1',
      '\n=1',
      ' =1',
      '\u00a0=1',
      '＝1',
      '＋1',
      '－1',
      '＠1',
    ]) {
      assert.ok(writeCsvLine([formula]).startsWith(`"'`), JSON.stringify(formula))
    }
    for (const text of ['curl/8', '{"a":"=1"}', '2001:db8::/64', "'=1"]) {
      assert.ok(writeCsvLine([text]).startsWith(`"${text[0]}`), text)
    }
  })

  it('is one line of harmless letters whatever is in it', () => {
    const line = writeCsvLine(['a\r\nb', '\u001b[2J', '\u202e', '\u0085\u2028'])
    assert.equal(line.split(/\r\n|\r|\n|\u0085|\u2028/).length, 2)
    assert.match(line, /^[ -~]+\r\n$/)
  })
})
