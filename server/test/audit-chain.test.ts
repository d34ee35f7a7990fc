import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import type { AuditFault } from '../src/core/audit-faults.ts'
import type { AuditEntry, AuditEvent } from '../src/core/ports.ts'
import { createAuditChain } from '../src/crypto/audit-chain.ts'
import { openStore } from '../src/store/open.ts'
import { REMOTE } from './kit/clients.ts'
import { createSharedDatabase } from './kit/postgres.ts'
import { runRawSql } from './kit/raw-sql.ts'
import { startTestApp, type TestApp } from './kit/start-test-app.ts'

const SECRET = 'a secret that only tests have, 32+ long'
const DAY = 86_400_000
const COUNT = 7

const EVENT: AuditEvent = {
  type: 'login_failed',
  actor: 'anonymous',
  accountId: 12,
  client: REMOTE,
  detail: { reason: 'wrong_password', line: 'a\nb' },
}

describe('the audit log, in the hands of somebody who can write to the database', () => {
  let database: Awaited<ReturnType<typeof createSharedDatabase>>
  let test: TestApp
  let ahead = 0

  beforeEach(async () => {
    ahead = 0
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
    const entries = Array.from({ length: count }, (_, index) => toEntry(`${index}`))
    await test.store.appendAudit(entries, { chain, isWanted: () => false })
  }

  const change = (...statements: readonly string[]) => runRawSql(database.url, ...statements)
  const verify = async () => (await test.core.administration.verifyAudit()).faults
  const headNow = async () => (await test.core.administration.verifyAudit()).head

  it('is sound when nobody touched it', async () => {
    const { faults, entries, first, head } = await test.core.administration.verifyAudit()
    assert.deepEqual({ faults, entries, first, seq: head.seq }, { faults: [], entries: COUNT, first: 1, seq: COUNT })
  })

  it('tells of the one entry in which any column was changed, the first, one within, and the last', async () => {
    const changes: Readonly<Record<string, string>> = {
      at: 'at + 1',
      type: "'login_succeeded'",
      actor: "'operator'",
      account_id: '13',
      contract: "'another'",
      request_id: "request_id || 'x'",
      network: 'null',
      user_agent: "''",
      detail: `replace(detail, 'wrong', 'Wrong')`,
      hash: `replace(hash, substr(hash, 1, 1), case when substr(hash, 1, 1) = 'a' then 'b' else 'a' end)`,
    }
    const columns = Object.keys((await change('select * from audit_log limit 1'))[0] ?? {})
    assert.deepEqual(Object.keys(changes).toSorted(), columns.filter((name) => name !== 'seq').toSorted())
    for (const seq of [1, 4, COUNT]) {
      for (const [column, value] of Object.entries(changes)) {
        const [kept] = await change(`select * from audit_log where seq = ${seq}`)
        await change(`update audit_log set ${column} = ${value} where seq = ${seq}`)
        assert.deepEqual(await verify(), [{ kind: 'changed', seq }], `${column} of ${seq}`)
        await change(`update audit_log set ${column} = ${quote(kept?.[column])} where seq = ${seq}`)
        assert.deepEqual(await verify(), [])
      }
    }
  })

  it('tells of any single letter that was changed in what it keeps as text', async () => {
    const [row] = await change('select * from audit_log where seq = 3')
    for (const column of ['type', 'actor', 'contract', 'request_id', 'network', 'user_agent', 'detail']) {
      const text = String(row?.[column])
      for (let index = 0; index < text.length; index++) {
        const letter = text[index] === '~' ? '!' : '~'
        await change(
          `update audit_log set ${column} = ${quote(text.slice(0, index) + letter + text.slice(index + 1))} where seq = 3`,
        )
        assert.deepEqual(await verify(), [{ kind: 'changed', seq: 3 }], `${column}, letter ${index}`)
      }
      await change(`update audit_log set ${column} = ${quote(text)} where seq = 3`)
    }
  })

  it('tells of a detail that means the same in other letters', async () => {
    for (const spelling of [
      `'{"reason": "wrong_password","line":"a\\nb"}'`,
      `'{"line":"a\\nb","reason":"wrong_password"}'`,
      `'{"reason":"wrong_password","line":"a\\u000ab"}'`,
      `'{"reason":"x","reason":"wrong_password","line":"a\\nb"}'`,
      `'[]'`,
      `'{'`,
      `''`,
    ]) {
      await change(`update audit_log set detail = ${spelling} where seq = 4`)
      assert.deepEqual(await verify(), [{ kind: 'changed', seq: 4 }], spelling)
    }
  })

  it('tells which entries were removed: at the beginning, within, at the end', async () => {
    await change('delete from audit_log where seq = 4')
    assert.deepEqual(await verify(), [{ kind: 'missing', seq: 4, until: 4 }])
    await change('delete from audit_log where seq <= 2')
    assert.deepEqual((await verify())[0], { kind: 'beginning_removed', seq: 1, until: 2 })
    await change(`delete from audit_log where seq >= ${COUNT - 1}`)
    assert.deepEqual((await verify()).at(-1), { kind: 'missing', seq: COUNT - 1, until: COUNT })
    await change('delete from audit_log')
    assert.deepEqual(await verify(), [{ kind: 'missing', seq: 1, until: COUNT }])
  })

  it('tells which entries changed places, neighbours or not, and blames no other', async () => {
    for (const [one, other] of [
      [2, 3],
      [2, 5],
      [1, COUNT],
    ] as const) {
      await swap(one, other)
      const expected: AuditFault[] = [
        { kind: 'moved', seq: one, belongsAt: other },
        { kind: 'moved', seq: other, belongsAt: one },
      ]
      const faults = await verify()
      assert.deepEqual(
        faults.filter(({ seq }) => seq !== null),
        expected,
        `${one} and ${other}`,
      )
      await swap(one, other)
      assert.deepEqual(await verify(), [])
    }
  })

  it('tells of an entry that was added, beyond the end, before the beginning, or in the place of another', async () => {
    const columns = 'at, type, actor, account_id, contract, request_id, network, user_agent, detail, hash'
    const copy = (seq: number) =>
      `insert into audit_log (seq, ${columns}) select ${seq}, ${columns} from audit_log where seq = 3`
    for (const seq of [COUNT + 1, COUNT + 5, 0, -4]) {
      await change(copy(seq))
      assert.deepEqual(await verify(), [{ kind: 'inserted', seq }])
      await change(`delete from audit_log where seq = ${seq}`)
    }
    await change('delete from audit_log where seq = 5', copy(5))
    const faults = await verify()
    assert.equal(faults[0]?.seq, 5)
    assert.ok(faults.every(({ seq }) => seq === 5 || seq === 6))
  })

  it('tells of another beginning and another end, whoever knows the hashes', async () => {
    const [ends] = await change('select * from audit_ends')
    const put = (assignments: string) => change(`update audit_ends set ${assignments}`)
    const restore = () =>
      put(
        Object.entries(ends ?? {})
          .map(([name, value]) => `${name} = ${quote(value)}`)
          .join(', '),
      )

    await change('create table kept as select * from audit_log', 'delete from audit_log where seq > 5')
    await put('head_seq = 5, head_hash = (select hash from audit_log where seq = 5)')
    assert.deepEqual(await verify(), [{ kind: 'head_changed', seq: null }])
    await restore()
    await change('insert into audit_log select * from kept where seq > 5', 'delete from audit_log where seq <= 2')
    await put('anchor_seq = 2, anchor_hash = (select hash from kept where seq = 2), anchor_seal = head_seal')
    assert.deepEqual(await verify(), [{ kind: 'anchor_changed', seq: null }])
    await restore()
    await change('insert into audit_log select * from kept where seq <= 2')
    assert.deepEqual(await verify(), [])
    for (const column of ['anchor_hash', 'anchor_seal', 'head_hash', 'head_seal']) {
      await put(`${column} = ${column} || '0'`)
      assert.ok((await verify()).length > 0, column)
      await restore()
    }
    await change('delete from audit_ends')
    assert.deepEqual(await verify(), [{ kind: 'head_changed', seq: null }])
  })

  it('tells that it was put back to an earlier state as a whole only to whoever kept its end', async () => {
    const before = await change('select * from audit_ends')
    await append(2)
    const end = await headNow()
    const met = await test.core.administration.verifyAudit({ expect: end })
    assert.deepEqual({ faults: met.faults, expectation: met.expectation }, { faults: [], expectation: 'met' })
    const assignments = Object.entries(before[0] ?? {}).map(([name, value]) => `${name} = ${quote(value)}`)
    await change(`delete from audit_log where seq > ${COUNT}`, `update audit_ends set ${assignments.join(', ')}`)
    assert.deepEqual(await verify(), [])
    const gone = await test.core.administration.verifyAudit({ expect: end })
    assert.deepEqual(gone.faults, [{ kind: 'cut_off', seq: end.seq }])
    await append(2)
    const { faults } = await test.core.administration.verifyAudit({ expect: { ...end, hash: 'f'.repeat(64) } })
    assert.deepEqual(faults, [{ kind: 'not_as_expected', seq: end.seq }])
  })

  it('does not fit another secret', async () => {
    const other = await openStore(database.url)
    const chain = createAuditChain({ secret: 'a secret that only thieves have, 32+ long' })
    const entries = [toEntry('forged')]
    await change('delete from audit_log', 'delete from audit_ends')
    await other.store.appendAudit(entries, { chain, isWanted: () => false })
    const { isKeyRight, faults } = await test.core.administration.verifyAudit()
    assert.equal(isKeyRight, false)
    assert.deepEqual(faults.map(({ kind }) => kind).toSorted(), ['changed', 'head_changed'])
    await other.store.close()
  })

  it('stays verifiable when its beginning is pruned, all of it, and goes on', async () => {
    const end = await headNow()
    const chain = createAuditChain({ secret: SECRET })
    ahead = 3 * DAY
    test.advance(ahead)
    await append(2)
    assert.equal(await test.core.pruneAudit(1), COUNT)
    await test.flushAudit()
    const pruned = await test.core.administration.verifyAudit({ expect: end })
    assert.deepEqual([pruned.faults, pruned.first, pruned.entries, pruned.expectation], [[], COUNT + 1, 3, 'met'])
    assert.deepEqual(test.audit.at(-1)?.detail, { count: String(COUNT), days: '1' })
    assert.equal(await test.store.pruneAudit(Date.now() + 9 * DAY, chain), 3)
    assert.deepEqual(await verify(), [])
    const unknown = await test.core.administration.verifyAudit({ expect: end })
    assert.deepEqual([unknown.faults, unknown.expectation], [[], 'unknown'])
    await append(1)
    assert.deepEqual(await verify(), [])
    assert.equal((await headNow()).seq, COUNT + 4)
  })

  it('is pruned from the beginning only: what a clock that ran ahead has dated later holds back what follows', async () => {
    await change(`update audit_log set at = at + ${10 * DAY} where seq = 3`)
    const chain = createAuditChain({ secret: SECRET })
    assert.equal(await test.store.pruneAudit(Date.now() + DAY, chain), 2)
    assert.equal((await change('select count(*) as n from audit_log'))[0]?.n?.toString(), String(COUNT - 2))
  })

  it('has neither gap nor fork when many append to it and prune it at once', async () => {
    const chain = createAuditChain({ secret: SECRET })
    const stores = await Promise.all([openStore(database.url), openStore(database.url)])
    const isWanted = () => true
    await Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        const store = stores[index % 2]?.store ?? test.store
        const entries = Array.from({ length: 1 + (index % 7) }, (_, part) => toEntry(`${index}-${part}`))
        await store.appendAudit(entries, { chain, isWanted })
        if (index % 10 === 0) await store.pruneAudit(Date.now() - DAY, chain)
        if (index % 8 === 0) assert.deepEqual(await verify(), [])
      }),
    )
    const { entries, faults } = await test.core.administration.verifyAudit()
    const appended = Array.from({ length: 40 }, (_, index) => 1 + (index % 7)).reduce((sum, count) => sum + count)
    assert.deepEqual({ entries, faults }, { entries: COUNT + appended, faults: [] })
    const [deliveries] = await change('select count(distinct seq) as n from webhook_deliveries')
    assert.equal(Number(deliveries?.n), appended)
    for (const { store } of stores) await store.close()
  })

  it('is verified a page at a time, however long it is', async () => {
    await append(2500)
    const { entries, faults } = await test.core.administration.verifyAudit()
    assert.deepEqual({ entries, faults }, { entries: COUNT + 2500, faults: [] })
    await change('update audit_log set at = 0 where seq = 2000')
    assert.deepEqual(await verify(), [{ kind: 'changed', seq: 2000 }])
  })

  function toEntry(word: string): AuditEntry {
    return {
      at: Date.now() + ahead,
      type: EVENT.type,
      actor: 'anonymous',
      accountId: 12,
      contract: 'a-door',
      requestId: `r-${word}`,
      network: '198.51.100.7',
      userAgent: `agent ${word}`,
      detail: EVENT.detail ?? {},
    }
  }

  async function swap(one: number, other: number): Promise<void> {
    await change(
      `update audit_log set seq = 100000 where seq = ${one}`,
      `update audit_log set seq = ${one} where seq = ${other}`,
      `update audit_log set seq = ${other} where seq = 100000`,
    )
  }
})

function quote(value: unknown): string {
  if (value === null) return 'null'
  return typeof value === 'number' ? String(value) : `'${String(value).replaceAll("'", "''")}'`
}
