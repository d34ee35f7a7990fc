import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { AuditEvent } from '../src/core/audit-event.ts'
import { type ImportRequest, importAccounts } from '../src/core/import-accounts.ts'
import { isWhole } from '../src/core/import-report.ts'
import { beginImport, reviewImports } from '../src/core/import-state.ts'
import type { Store } from '../src/core/ports.ts'
import type { ImportRow } from '../src/core/prepare-rows.ts'
import { createLegacyHashes } from '../src/crypto/legacy/take-in.ts'
import { createTokens } from '../src/crypto/tokens.ts'
import { openStore } from '../src/store/open.ts'

const LIGHT = { memory: 64, passes: 1, lanes: 1 }
const NOW = 1_700_000_000_000
const SLOW = 'pbkdf2_sha256$260000$abcdefghijkl$NLbcWnEBvGTRdLbPS9ar3OBpUjJt1Ms0gBYxtrDeLdM='
const QUICK = 'md5$salt$5f4dcc3b5aa765d61d8327deb882cf99'

/** So many users; every tenth has the name of the one before, in capitals. */
function makeRows(count: number): ImportRow[] {
  return Array.from({ length: count }, (_, index): ImportRow => {
    const isTaken = index % 10 === 9
    const username = isTaken ? `USER${index - 1}` : `user${index}`
    return { line: index + 1, kind: 'account', fields: { id: index + 1, username, password: SLOW } }
  })
}

async function* give(rows: readonly ImportRow[]): AsyncGenerator<ImportRow> {
  yield* rows
}

async function open() {
  const { store } = await openStore('sqlite::memory:')
  const events: AuditEvent[] = []
  let time = NOW
  const ports = {
    store,
    tokens: createTokens({ secret: 'x'.repeat(32) }),
    legacyHashes: createLegacyHashes(LIGHT),
    audit: { record: (event: AuditEvent) => void events.push(event) },
    now: () => ++time,
  }
  /** Begins, or goes on, with these rows. */
  async function run(rows: readonly ImportRow[], change: Partial<ImportRequest> = {}) {
    const begun = await beginImport(ports, { name: 'one', from: 'users.json', fingerprint: '', isAnew: false })
    return importAccounts(ports, {
      name: 'one',
      state: begun.state,
      rows: give(rows.slice(begun.state.report.rows)),
      source: 'default',
      keepsIds: false,
      keepsStaff: false,
      hints: {},
      lanes: 2,
      tokenSeconds: 3600,
      reject: () => {},
      onProgress: () => {},
      isWanted: () => true,
      ...change,
    })
  }
  return { store, ports, events, run }
}

async function countAccounts(store: Store): Promise<number> {
  return (await store.inspect()).accounts
}

describe('importAccounts', () => {
  it('accounts for every row, and says the same again without changing anything', async () => {
    const { store, run, events } = await open()
    const rows = makeRows(1200)
    const { report, isEnded } = await run([...rows, { line: 1201, problem: 'is not JSON' }])
    assert.equal(isEnded, true)
    assert.equal(isWhole(report), true)
    assert.partialDeepStrictEqual(report, { rows: 1201, imported: 1080, updated: 0, unchanged: 0, skipped: 121 })
    assert.deepEqual(report.formats, { 'django-pbkdf2-sha256': 1080 })
    assert.deepEqual([report.reasons.username_taken?.count, report.reasons.unreadable_row?.count], [120, 1])
    const again = await run(rows)
    assert.partialDeepStrictEqual(again.report, { rows: 1200, imported: 0, updated: 0, unchanged: 1080, skipped: 120 })
    assert.equal(await countAccounts(store), 1080)
    assert.deepEqual(
      events.map(({ type, detail }) => [type, detail?.ended, detail?.imported]),
      [
        ['accounts_imported', 'true', '1080'],
        ['accounts_imported', 'true', '0'],
      ],
    )
    await store.close()
  })

  it('goes on where it was broken off, and tells of the whole', async () => {
    const { store, run, events } = await open()
    const rows = makeRows(2100)
    let batches = 0
    let rejects = ''
    const reject = (lines: string) => {
      rejects += lines
    }
    const broken = await run(rows, { reject, onProgress: () => void batches++, isWanted: () => batches < 2 })
    assert.equal(broken.isEnded, false)
    assert.equal(broken.report.rows, 1000)
    const [noted] = (await reviewImports({ store, now: () => NOW })).imports
    assert.deepEqual(noted?.state, broken)
    const whole = await run(rows, { reject })
    assert.partialDeepStrictEqual(whole.report, { rows: 2100, imported: 1890, unchanged: 0, skipped: 210 })
    assert.equal(await countAccounts(store), 1890)
    const lines = rejects
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    assert.deepEqual(
      lines.map(({ line }) => line),
      Array.from({ length: 210 }, (_, index) => 10 * index + 10),
    )
    assert.deepEqual(lines[0], {
      line: 10,
      reason: 'username_taken',
      what: 'USER8',
      row: { id: 10, username: 'USER8' },
    })
    assert.deepEqual(
      events.map(({ detail }) => detail?.ended),
      ['false', 'true'],
    )
    await store.close()
  })

  it('has noted what it rejected, also where it could not be written any more', async () => {
    const { store, ports, run } = await open()
    const rows = makeRows(600)
    const full = () => {
      throw new Error('no space left on device')
    }
    await assert.rejects(run(rows, { reject: full }), /no space left/)
    const { state } = await beginImport(ports, { name: 'one', from: 'users.json', fingerprint: '', isAnew: false })
    assert.equal(state.report.rows, 500)
    assert.equal(state.rejects.last.trimEnd().split('\n').length, 50)
    assert.equal(state.rejects.bytes, Buffer.byteLength(state.rejects.last))
    const { report } = await run(rows)
    assert.partialDeepStrictEqual(report, { imported: 540, skipped: 60 })
    await store.close()
  })

  it('works on heavy rows a few at a time, and keeps little of what it rejects', async () => {
    const { store, run } = await open()
    const name = 'x'.repeat(1_000_000)
    const heavy = (index: number): ImportRow => ({
      line: index,
      kind: 'account',
      fields: index % 2 === 0 ? { id: index, username: name } : { id: index, username: index, groups: [name], name },
    })
    const counts: number[] = []
    const lines: string[] = []
    const { report } = await run(
      Array.from({ length: 20 }, (_, index) => heavy(index)),
      { reject: (more) => void lines.push(more), onProgress: ({ rows }) => void counts.push(rows) },
    )
    assert.partialDeepStrictEqual(report, { rows: 20, skipped: 20 })
    assert.ok(
      counts.every((rows, index) => rows - (counts[index - 1] ?? 0) <= 5),
      String(counts),
    )
    assert.equal(lines.join('').trimEnd().split('\n').length, 20)
    assert.ok(lines.join('').length < 20 * 5000)
    await store.close()
  })

  it('puts argon2id around a hash that is quick to guess, once', async () => {
    const { store, run } = await open()
    const rows: ImportRow[] = [{ line: 1, kind: 'account', fields: { id: 1, username: 'ada', password: QUICK } }]
    const { report } = await run(rows)
    assert.deepEqual([report.formats, report.notes.wrapped_hash?.count], [{ 'wrapped-django-md5': 1 }, 1])
    const before = await store.findCredentialById(1)
    const wrapped = before?.passwordHash ?? ''
    assert.ok(wrapped.includes('$argon2id$'))
    assert.ok(!wrapped.includes('5f4dcc3b5aa765d61d8327deb882cf99'))
    assert.equal((await run(rows)).report.unchanged, 1)
    assert.deepEqual(await store.findCredentialById(1), before)
    const other = QUICK.replace('5f4d', '5f4e')
    const changed = await run([{ line: 1, kind: 'account', fields: { id: 1, username: 'ada', password: other } }])
    assert.equal(changed.report.updated, 1)
    assert.notEqual((await store.findCredentialById(1))?.passwordHash, wrapped)
    await store.upgradePasswordHash(1, (await store.findCredentialById(1))?.passwordHash ?? '', 'our own')
    assert.equal((await run(rows)).report.unchanged, 1)
    assert.equal((await store.findCredentialById(1))?.passwordHash, 'our own')
    await store.close()
  })

  it('keeps an account whose hash cannot be read, without that hash, and says so', async () => {
    const { store, run } = await open()
    const password = (text: unknown, id: number): ImportRow => ({
      line: id,
      kind: 'account',
      fields: { id, username: `user${id}`, password: text },
    })
    const { report } = await run([password('as it was typed', 1), password({ odd: 1 }, 2), password('!abc', 3)])
    assert.deepEqual([report.imported, report.notes.unreadable_hash?.count, report.notes.no_password?.count], [3, 2, 1])
    assert.deepEqual(report.formats, { unreadable: 2, none: 1 })
    const hashes = await Promise.all([1, 2, 3].map((id) => store.findCredentialById(id)))
    assert.deepEqual(
      hashes.map((credential) => credential?.passwordHash),
      ['unreadable', 'unreadable', null],
    )
    assert.deepEqual((await store.countLegacyFormats()).formats, { unreadable: 2 })
    await store.close()
  })

  it('takes over tokens after the accounts they belong to, and names no secret of those it rejects', async () => {
    const { store, ports, run } = await open()
    const key = (digit: string) => digit.repeat(40)
    const token = (line: number, fields: Record<string, unknown>): ImportRow => ({ line, kind: 'authtoken', fields })
    const created = new Date(NOW - 60_000).toISOString()
    let rejects = ''
    const { report } = await run(
      [
        { line: 1, kind: 'account', fields: { id: 1, username: 'ada', password: SLOW } },
        token(2, { key: key('a'), user: 1, created }),
        token(3, { key: key('b'), user: 2, created }),
        token(4, { key: key('c'), user: 1, created: '2001-01-01T00:00:00Z' }),
      ],
      {
        reject(lines) {
          rejects += lines
        },
      },
    )
    assert.equal(isWhole(report), true)
    assert.deepEqual(report.tokens, { imported: 1, known: 0, revoked: 0 })
    assert.deepEqual([report.reasons.no_account?.count, report.reasons.expired_token?.count], [1, 1])
    const found = await store.findSessionByToken(ports.tokens.digest(key('a')))
    assert.equal(found?.isCurrent, true)
    assert.equal(found?.account.username, 'ada')
    assert.equal((await reviewImports({ store, now: () => NOW })).sessions, 1)
    assert.ok(!rejects.includes(key('b')) && !rejects.includes(key('c')), rejects)
    await store.close()
  })
})

describe('beginImport', () => {
  it('refuses to go on in another input than it began in, unless it is to begin anew', async () => {
    const { store, ports, run } = await open()
    let batches = 0
    await run(makeRows(1500), { onProgress: () => void batches++, isWanted: () => batches < 1 })
    const request = { name: 'one', from: 'users.json', fingerprint: 'another', isAnew: false }
    assert.equal((await beginImport(ports, request)).kind, 'changed')
    assert.equal((await beginImport(ports, { ...request, fingerprint: '' })).kind, 'again')
    assert.equal((await beginImport(ports, { ...request, isAnew: true })).kind, 'anew')
    assert.equal((await beginImport(ports, { ...request, name: 'two' })).kind, 'anew')
    await store.close()
  })
})
