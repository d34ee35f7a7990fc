import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { readHashHints } from '../../src/core/read-hash-hints.ts'
import { MOST } from '../../src/crypto/legacy/bounds.ts'
import { FORMATS } from '../../src/crypto/legacy/formats.ts'
import { readLegacyHash } from '../../src/crypto/legacy/read-legacy-hash.ts'

const page = readFileSync(new URL('../../../docs/password-hashes.md', import.meta.url), 'utf8')

describe('the page of password hashes', () => {
  it('names every format that is read, and no other', () => {
    const rows = page.split('\n').filter((line) => line.startsWith('| `'))
    const named = rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name))
    const known = FORMATS.map(({ name }) => name).filter((name) => !name.startsWith('wrapped-'))
    assert.deepEqual([...named].sort(), [...known].sort())
  })

  it('names the bounds in force', () => {
    const count = (number: number) => String(number).replace(/(?<=\d)(?=(\d{3})+$)/g, ' ')
    for (const words of [
      `${count(MOST.pbkdf2Iterations)} iterations`,
      `cost ${MOST.bcryptCost}`,
      `N=${MOST.scryptN}, r=${MOST.scryptR}, p=${MOST.scryptP}`,
      `${count(MOST.shaCryptRounds)} rounds`,
      `2^${MOST.phpassLog2} rounds`,
    ]) {
      assert.ok(page.includes(words), words)
    }
  })

  it('shows files that are read as it says', () => {
    const files = [...page.matchAll(/```json\n([^`]+)```/g)].map(([, text]) => readHashHints(JSON.parse(text ?? '')))
    assert.deepEqual(files, [
      { firebase: { signerKey: '…', saltSeparator: 'Bw==', rounds: 8, memCost: 14 } },
      { plain: { algorithm: 'sha256', salt: 'before', saltEncoding: 'utf8' } },
    ])
  })

  it('shows spellings of plain digests that are read', async () => {
    const digest = createHash('sha256').update('saltpassword').digest('hex')
    const texts = [...page.matchAll(/^plain:\S+$/gm)].map(([text]) => String(text).replace('13601bda…', digest))
    assert.ok(page.includes(`${digest.slice(0, 8)}…`), digest)
    assert.equal(texts.length, 2)
    for (const text of texts) {
      const read = readLegacyHash(text)
      assert.ok(read !== null && 'hash' in read, text)
      assert.equal(await read.hash.verify('password'), true)
    }
  })
})
