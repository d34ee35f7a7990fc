import assert from 'node:assert/strict'
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { REGISTRATIONS } from '../kit/doors.ts'
import { makeDirectory, type ServerProcess, startServerProcess } from '../kit/server-process.ts'
import { checkLedger } from './checker.ts'
import { type Asked, type Ledger, openLedger, readLedger } from './ledger.ts'
import { act, startLoad, type Target } from './load.ts'
import { type Account, newAccount } from './model.ts'
import { newDatabase } from './sqlite-database.ts'

const database = newDatabase()
const { path, env } = database
let server: ServerProcess
let target: Target
before(async () => {
  server = await startServerProcess(env)
  target = { url: () => server.url, setActive: database.setActive }
})
after(async () => {
  server.terminate()
  await server.ended
})

const newLedger = () => openLedger(join(makeDirectory(), 'ledger'))

function check(ledger: Ledger) {
  return checkLedger(readLedger(ledger.path), { ...database, url: server.url })
}

/** Does something to the rows behind the server's back. */
function tamper(change: (database: DatabaseSync) => void): void {
  const database = new DatabaseSync(path, { timeout: 5000 })
  change(database)
  database.close()
}

/** An account that has done what is said, all of it acknowledged. */
async function live(ledger: Ledger, ...steps: ((account: Account) => Asked)[]): Promise<Account> {
  let account = newAccount(`w${crypto.randomUUID()}`)
  const register: Asked = { what: 'register', account: account.word, door: 0, password: 'Password-1-first' }
  for (const step of [() => register, ...steps]) {
    const done = await act({ target, ledger }, account, step(account))
    assert.deepEqual(done.violations, [])
    assert.ok(done.account !== null)
    account = done.account
  }
  return account
}

const logIn = ({ word, password }: Account): Asked => ({ what: 'login', account: word, door: 4, password })
const logOut = ({ word, sessions }: Account): Asked => ({
  what: 'logout',
  account: word,
  session: Math.max(...sessions.keys()),
  way: 'v1',
})
const change = ({ word, sessions, password }: Account): Asked => ({
  what: 'change',
  account: word,
  session: Math.max(...sessions.keys()),
  from: password,
  to: `${password}-and-more`,
})
const disable = ({ word }: Account): Asked => ({ what: 'disable', account: word })
const EVERYTHING = ['change', 'check', 'disable', 'enable', 'login', 'logout', 'refresh', 'register']
const rename = /Account w[-0-9a-f]{36}/g

describe('the ledger', () => {
  it('is found true where nothing went wrong, whatever was asked', async () => {
    const ledger = newLedger()
    const load = startLoad(target, { ledger, writers: 6 })
    // Writers throw dice: they go on until each thing has been asked.
    const asked = () => [...new Set(readLedger(ledger.path).map(({ asked }) => asked.what))].sort()
    while (load.counts().acknowledged < 250 || asked().length < EVERYTHING.length) await sleep(50)
    await load.stop()
    assert.deepEqual(load.violations, [])
    const { findings, answers } = await check(ledger)
    assert.deepEqual(findings, [])
    assert.equal(answers, load.counts().acknowledged)
    assert.deepEqual(asked(), EVERYTHING)
    ledger.close()
  })

  it('tells of an acknowledged account that is not there, and of one without one of its names', async () => {
    const ledger = newLedger()
    const gone = await live(ledger, logIn)
    const nameless = await live(ledger)
    tamper((database) => {
      database.prepare('delete from accounts where username = ?').run(gone.word)
      database.prepare('delete from identifiers where value = ?').run(nameless.word)
    })
    const { findings } = await check(ledger)
    const of = (account: Account) => findings.filter((finding) => finding.includes(`Account ${account.word}:`))
    // Two tokens, and the password by two names.
    assert.equal(of(gone).length, 4, findings.join('\n'))
    assert.equal(of(nameless).length, 1)
    assert.match(of(nameless)[0] ?? '', /signing in as w\S+ with its password is answered 400/)
    ledger.close()
  })

  it('tells of a session that lives after its logout', async () => {
    const ledger = newLedger()
    const account = await live(ledger, logIn)
    const copy = 'create table copied as select * from sessions'
    tamper((database) => database.exec(copy))
    const done = await act({ target, ledger }, account, logOut(account))
    assert.ok(done.account !== null)
    assert.deepEqual((await check(ledger)).findings, [])
    tamper((database) => {
      database.exec(
        'insert into sessions select * from copied where id not in (select id from sessions); drop table copied',
      )
    })
    const { findings } = await check(ledger)
    assert.ok(findings.length > 0)
    for (const finding of findings)
      assert.match(finding, /token of login 2 is answered 200, though its session was ended/)
    ledger.close()
  })

  it('tells of a password that is the old one again, and of an account that is active again', async () => {
    const ledger = newLedger()
    const changed = await live(ledger, logIn)
    const hashOf = (account: Account) => {
      const database = new DatabaseSync(path)
      const row = database.prepare('select password_hash from accounts where username = ?').get(account.word)
      database.close()
      return row?.password_hash ?? null
    }
    const old = hashOf(changed)
    assert.ok((await act({ target, ledger }, changed, change(changed))).account !== null)
    const disabled = await live(ledger, logIn, disable)
    assert.deepEqual((await check(ledger)).findings, [])
    tamper((database) => {
      database.prepare('update accounts set password_hash = ? where username = ?').run(old, changed.word)
      database.prepare('update accounts set is_active = 1 where username = ?').run(disabled.word)
    })
    const found = (await check(ledger)).findings.map((finding) =>
      finding.replaceAll(rename, '').replaceAll(/ as \S+/g, ''),
    )
    assert.deepEqual(found.sort(), [
      ': signing in with a password that was replaced is answered 200.',
      ': signing in with its password is answered 400.',
      ': signing in with its password is answered 400.',
      ': signing in with its password, though it was disabled is answered 200.',
      ': signing in with its password, though it was disabled is answered 200.',
    ])
    ledger.close()
  })

  it('tells of rows that are half of something', async () => {
    const ledger = newLedger()
    tamper((database) => {
      database.exec('pragma foreign_keys=OFF')
      database.exec("insert into identifiers (value, account_id, kind) values ('nobody', 123456789, 'username')")
    })
    assert.deepEqual((await check(ledger)).findings, ['1 times a name has no account.'])
    tamper((database) => database.exec("delete from identifiers where value = 'nobody'"))
    ledger.close()
  })

  it('takes what nobody acknowledged for done or not done, and nothing between', async () => {
    const ledger = newLedger()
    const both = REGISTRATIONS.findIndex(({ gives }) => gives.email && gives.username)
    const account = newAccount(`w${crypto.randomUUID()}`)
    const asked: Asked = { what: 'register', account: account.word, door: both, password: 'Password-1-first' }
    const number = ledger.ask(asked)
    ledger.answer(number, { status: 503 })
    assert.deepEqual((await check(ledger)).findings, [])
    const elsewhere = newLedger()
    assert.ok((await act({ target, ledger: elsewhere }, account, asked)).account !== null)
    elsewhere.close()
    assert.deepEqual((await check(ledger)).findings, [])
    tamper((database) => database.prepare('delete from identifiers where value = ?').run(account.word))
    assert.equal((await check(ledger)).findings.length, 1)
    ledger.close()
  })

  it('is read up to the last line that was written whole', async () => {
    const ledger = newLedger()
    const number = ledger.ask({ what: 'disable', account: 'a' })
    ledger.answer(number, { status: 200 })
    ledger.close()
    appendFileSync(ledger.path, '{"number":2,"asked":{"what":"ena')
    assert.deepEqual(readLedger(ledger.path), [
      { number: 1, asked: { what: 'disable', account: 'a' }, answered: { status: 200 } },
    ])
  })
})
