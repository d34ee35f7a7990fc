import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readHashHints } from './read-hash-hints.ts'

const FIREBASE = { signer_key: 'c2VjcmV0', salt_separator: 'Bw==', rounds: 8, mem_cost: 14 }

function findProblem(value: unknown): string {
  const hints = readHashHints(value)
  assert.ok('problem' in hints, JSON.stringify(hints))
  return hints.problem
}

describe('what an operator says of hashes', () => {
  it('is read, for Firebase and for plain digests', () => {
    const plain = { algorithm: 'sha256', salt: 'before', salt_encoding: 'hex' }
    assert.deepEqual(readHashHints({ firebase: FIREBASE, plain }), {
      firebase: { signerKey: 'c2VjcmV0', saltSeparator: 'Bw==', rounds: 8, memCost: 14 },
      plain: { algorithm: 'sha256', salt: 'before', saltEncoding: 'hex' },
    })
    assert.deepEqual(readHashHints({ plain: { algorithm: 'md5', salt: 'none' } }), {
      plain: { algorithm: 'md5', salt: 'none', saltEncoding: 'utf8' },
    })
    assert.deepEqual(readHashHints({}), {})
  })

  it('is refused with a sentence that says what to write, and shows no secret', () => {
    for (const value of [null, [], 'text', 1]) assert.match(findProblem(value), /must be an object/)
    assert.match(findProblem({ bcrypt: {} }), /"bcrypt" is not known/)
    for (const change of [
      { signer_key: 1 },
      { signer_key: '' },
      { rounds: '8' },
      { mem_cost: 0 },
      { mem_cost: 1.5 },
      { salt_separator: 7 },
    ]) {
      const problem = findProblem({ firebase: { ...FIREBASE, ...change } })
      assert.match(problem, /"signer_key" and "salt_separator" in base64/)
      assert.ok(!problem.includes(FIREBASE.signer_key))
    }
    assert.match(findProblem({ firebase: null }), /must have what the Firebase console shows/)
    for (const plain of [
      null,
      {},
      { algorithm: 'md4', salt: 'none' },
      { algorithm: 'md5' },
      { algorithm: 'md5', salt: 'around' },
    ]) {
      assert.match(findProblem({ plain }), /"algorithm" \(one of md5, sha1, sha256, sha512\)/)
    }
    const unknown = { algorithm: 'md5', salt: 'before', salt_encoding: 'latin1' }
    assert.match(findProblem({ plain: unknown }), /"salt_encoding"/)
  })
})
