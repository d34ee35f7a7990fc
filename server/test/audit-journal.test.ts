import assert from 'node:assert/strict'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { createJournal, type Journal, type JournalOptions } from '../src/audit/journal.ts'
import type { AuditEvent, Store } from '../src/core/ports.ts'
import { createAuditChain } from '../src/crypto/audit-chain.ts'
import { openStore } from '../src/store/open.ts'
import { REMOTE } from './kit/clients.ts'
import { runRawSql } from './kit/raw-sql.ts'
import { makeDirectory } from './kit/server-process.ts'

const LOGIN: AuditEvent = { type: 'login_succeeded', actor: { accountId: 3 }, accountId: 3, client: REMOTE }

describe('the journal', () => {
  const url = `sqlite:${join(makeDirectory(), 'latchkey.db')}`
  let store: Store
  let lines: { level: string; words: string; fields: object }[]
  let time = 5000

  beforeEach(async () => {
    store = (await openStore(url)).store
    lines = []
    time = 5000
    await runRawSql(url, 'delete from audit_log', 'delete from audit_ends')
  })
  afterEach(() => store.close())

  function open(options: Partial<JournalOptions> = {}): Journal {
    const write = (level: string) => (fields: object, words: string) => void lines.push({ level, words, fields })
    const log = { info: write('info'), warn: write('warn'), error: write('error') }
    const chain = createAuditChain({ secret: 'a secret that only tests have, 32+ long' })
    const given = { store, chain, isWanted: () => false, addresses: 'full' as const, now: () => time, log, lines: log }
    return createJournal({ ...given, ...options })
  }

  const listAll = () => store.listAudit({ after: 0, limit: 100_000 })
  const breakLog = () => runRawSql(url, 'alter table audit_log rename to audit_log_away')
  const mendLog = () => runRawSql(url, 'alter table audit_log_away rename to audit_log')

  it('logs an event at once and writes it soon after, whole', async () => {
    const journal = open()
    journal.record({ ...LOGIN, detail: { session: 'x' } })
    const { userAgent, contract, requestId, network } = REMOTE
    const told = { type: 'login_succeeded', actor: 'account:3', accountId: 3, contract, requestId, network, userAgent }
    assert.deepEqual(lines, [
      { level: 'info', words: 'audit: login_succeeded', fields: { audit: { ...told, detail: { session: 'x' } } } },
    ])
    assert.deepEqual(await listAll(), [])
    for (const begun = performance.now(); performance.now() - begun < 2000 && (await listAll()).length === 0; ) {
      await wait(20)
    }
    const [{ hash, ...entry } = { hash: '' }] = await listAll()
    assert.match(hash, /^[0-9a-f]{64}$/)
    assert.deepEqual(entry, { seq: 1, at: 5000, ...told, detail: { session: 'x' } })
    await journal.close()
  })

  it('writes what waits when it is asked to and when it is closed, in the order in which it came', async () => {
    const journal = open()
    for (let index = 0; index < 1200; index++) journal.record({ ...LOGIN, detail: { index: String(index) } })
    await journal.flush()
    for (let index = 1200; index < 1300; index++) journal.record({ ...LOGIN, detail: { index: String(index) } })
    await journal.close()
    const entries = await listAll()
    assert.deepEqual(
      entries.map(({ seq }) => seq),
      Array.from({ length: 1300 }, (_, index) => index + 1),
    )
    assert.ok(entries.every(({ detail }, index) => detail.index === String(index)))
  })

  it('keeps what cannot be written, tells so once, and writes it when it can', async () => {
    const journal = open()
    await breakLog()
    journal.record(LOGIN)
    await assert.rejects(journal.flush())
    journal.record(LOGIN)
    await assert.rejects(journal.flush())
    const warnings = lines.filter(({ level }) => level === 'warn')
    assert.equal(warnings.length, 1)
    await mendLog()
    await journal.flush()
    assert.equal((await listAll()).length, 2)
    assert.equal(lines.at(-1)?.words, 'audit entries are written again')
    await journal.close()
  })

  it('tries again by itself', async () => {
    const journal = open()
    await breakLog()
    journal.record(LOGIN)
    await assert.rejects(journal.flush())
    await mendLog()
    for (const begun = performance.now(); performance.now() - begun < 5000 && (await listAll()).length === 0; ) {
      await wait(50)
    }
    assert.equal((await listAll()).length, 1)
    await journal.close()
  })

  it('drops and counts what is too much to keep, and the log tells how much that was', async () => {
    const journal = open()
    await breakLog()
    for (let index = 0; index < 10_250; index++) journal.record({ ...LOGIN, detail: { index: String(index) } })
    await assert.rejects(journal.flush())
    await mendLog()
    await journal.flush()
    const entries = await listAll()
    assert.equal(entries.length, 10_001)
    const last = entries.at(-1)
    assert.deepEqual([last?.type, last?.actor, last?.detail], ['audit_events_lost', 'server', { count: '250' }])
    assert.equal(entries.at(-2)?.detail.index, '9999')
    journal.record(LOGIN)
    await journal.close()
    assert.equal((await listAll()).length, 10_002)
  })

  it('says when it is closed and cannot write what waits', async () => {
    const journal = open()
    await breakLog()
    journal.record(LOGIN)
    await journal.close()
    assert.partialDeepStrictEqual(lines.at(-1), { level: 'error', fields: { entries: 1 } })
    await mendLog()
  })

  it('writes how often an event was repeated when its minute is over, or when it is closed', async () => {
    const journal = open()
    const throttled: AuditEvent = { ...LOGIN, type: 'throttled', detail: { budget: 'account' } }
    for (let index = 0; index < 1000; index++) journal.record(throttled)
    assert.equal(lines.length, 1)
    await journal.close()
    const entries = await listAll()
    assert.deepEqual(
      entries.map(({ detail }) => detail),
      [{ budget: 'account' }, { budget: 'account', repeated: '999' }],
    )
  })

  it('keeps of an address what it is told to, in the log lines too', async () => {
    for (const [addresses, network] of [
      ['full', '198.51.100.7'],
      ['truncated', '198.51.100.0/24'],
      ['none', null],
    ] as const) {
      const journal = open({ addresses })
      journal.record(LOGIN)
      await journal.close()
      assert.equal((await listAll()).at(-1)?.network, network)
      if (addresses !== 'full') assert.ok(!JSON.stringify(lines.at(-1)).includes('198.51.100.7'))
    }
  })

  it('writes what no database would take as it stands', async () => {
    const journal = open()
    const client = { ...REMOTE, userAgent: 'a\0b\ud800' }
    journal.record({ ...LOGIN, client, detail: { name: '\0\ud800"\\' } })
    await journal.close()
    const [entry] = await listAll()
    assert.equal(entry?.userAgent, 'ab\ufffd')
    assert.equal(entry?.detail.name, '\0\ud800"\\')
  })

  it('marks for the webhook what that wants to be told, in the same step', async () => {
    const journal = open({ isWanted: (type) => type === 'account_deleted' })
    journal.record(LOGIN)
    journal.record({ ...LOGIN, type: 'account_deleted' })
    await journal.close()
    const rows = await runRawSql(url, 'select seq, tries, due_at from webhook_deliveries')
    assert.deepEqual(
      rows.map((row) => ({ ...row })),
      [{ seq: 2, tries: 0, due_at: 5000 }],
    )
  })
})
