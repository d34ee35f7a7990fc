import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import type { AuditEntry } from '../src/core/ports.ts'
import { createAuditChain } from '../src/crypto/audit-chain.ts'
import { createSharedDatabase } from './kit/postgres.ts'
import { runRawSql } from './kit/raw-sql.ts'
import { startTestApp, type TestApp } from './kit/start-test-app.ts'

const SECRET = 'a secret that only tests have, 32+ long'
const DAY = 86_400_000
const COUNT = 7

const ENTRY: Omit<AuditEntry, 'at'> = {
  type: 'login_failed',
  actor: 'anonymous',
  accountId: 12,
  contract: 'a-door',
  requestId: 'a-request',
  network: '198.51.100.7',
  userAgent: 'a test',
  detail: { reason: 'wrong_password' },
}

describe('what the server does to an audit log that was tampered with covers nothing up: it', () => {
  let database: Awaited<ReturnType<typeof createSharedDatabase>>
  let test: TestApp

  beforeEach(async () => {
    database = await createSharedDatabase()
    test = await startTestApp({ databaseUrl: database.url, secret: SECRET })
    await append(COUNT)
  })
  afterEach(async () => {
    await test.close()
    await database.drop()
  })

  async function append(count: number): Promise<void> {
    const chain = createAuditChain({ secret: SECRET })
    const entries = Array.from({ length: count }, () => ({ ...ENTRY, at: Date.now() }))
    await test.store.appendAudit(entries, { chain, isWanted: () => false })
  }

  const change = (...statements: readonly string[]) => runRawSql(database.url, ...statements)
  const verify = async () => (await test.core.administration.verifyAudit()).faults
  const headNow = async () => (await test.core.administration.verifyAudit()).head

  it('is not pruned beyond an entry that was made to look old: what was changed is still told', async () => {
    await change('update audit_log set at = 0 where seq in (4, 5, 6)')
    test.advance(3 * DAY)
    assert.equal(await test.core.pruneAudit(1), 3)
    await assert.rejects(test.core.pruneAudit(1), /^Error: Entry 4 of the audit log .*latchkey audit verify$/)
    assert.deepEqual(
      (await verify()).map(({ seq }) => seq),
      [4, 5, 6],
    )
  })

  it('is not pruned where its beginning was put elsewhere, which is still told', async () => {
    await change('update audit_ends set anchor_seq = 5, anchor_hash = (select hash from audit_log where seq = 5)')
    await change('delete from audit_log where seq <= 5')
    test.advance(3 * DAY)
    await assert.rejects(test.core.pruneAudit(1), /^Error: Where the audit log begins .*latchkey audit verify$/)
    assert.deepEqual(await verify(), [{ kind: 'anchor_changed', seq: null }])
  })

  it('tells of an end that was put elsewhere also after it went on from there, and again', async () => {
    await change('update audit_ends set head_seq = 5, head_hash = (select hash from audit_log where seq = 5)')
    await change('delete from audit_log where seq > 5')
    for (let round = 0; round < 2; round++) {
      await append(2)
      assert.deepEqual(await verify(), [{ kind: 'head_changed', seq: null }])
    }
  })

  it('goes on where its ends were removed, and still tells so', async () => {
    await change('delete from audit_ends')
    await append(2)
    await append(2)
    assert.deepEqual(await verify(), [{ kind: 'head_changed', seq: null }])
    assert.equal((await headNow()).seq, COUNT + 4)
  })
})
