import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, it } from 'node:test'
import { planMigration } from '../src/store/open.ts'
import { LOCAL, PASSWORD, REMOTE } from './kit/clients.ts'
import { connectTo, createTestDatabase } from './kit/postgres.ts'
import { makeDirectory } from './kit/server-process.ts'
import { startTestApp, type TestApp } from './kit/start-test-app.ts'
import type { SavedRows } from './saved-rows/saved-rows.ts'

const FOLDER = new URL('saved-rows/', import.meta.url)
const SAVED = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.json'))
  .map((name) => JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as SavedRows)

const SHORT_LIVES = { drfJwtSeconds: 60, expressJwtSeconds: 60, simplejwtRefreshSeconds: 60, v1RefreshSeconds: 60 }

/** A database with the saved tables and rows in it, untouched by the present version. */
const ENGINES: Readonly<Record<keyof SavedRows['schema'], (saved: SavedRows) => Promise<string>>> = {
  async sqlite({ schema, rows }) {
    const path = join(makeDirectory(), 'latchkey.db')
    const database = new DatabaseSync(path)
    for (const statement of schema.sqlite) database.exec(statement)
    for (const { table, columns, values } of listRows(rows)) {
      const marks = values.map(() => '?').join(', ')
      database.prepare(`insert into ${table} (${columns}) values (${marks})`).run(...values)
    }
    database.close()
    return `sqlite:${path}`
  },

  async postgres({ schema, rows }) {
    const { url } = await createTestDatabase()
    const client = await connectTo(url)
    for (const statement of schema.postgres) await client.query(statement)
    for (const { table, columns, values } of listRows(rows)) {
      const marks = values.map((_, index) => `$${index + 1}`).join(', ')
      await client.query(`insert into ${table} (${columns}) values (${marks})`, values)
    }
    for (const table of ['accounts', 'letters']) {
      await client.query(`select setval(pg_get_serial_sequence('${table}', 'id'), (select max(id) from ${table}))`)
    }
    await client.end()
    return url
  },
}

for (const saved of SAVED) {
  for (const engine of ['sqlite', 'postgres'] as const) {
    describe(`what version ${saved.version} left on ${engine}`, () => {
      const { holds } = saved
      let test: TestApp
      before(async () => {
        const databaseUrl = await ENGINES[engine](saved)
        const config = { ...SHORT_LIVES, mailUrl: 'file:///letters' }
        test = await startTestApp({ databaseUrl, secret: saved.secret, config })
        test.advance(saved.savedAt - Date.now())
      })
      after(() => test.close())

      const logIn = (identifier: string, password: string) =>
        test.core.authenticate({ identifier, password, kinds: ['email', 'username'], client: REMOTE })

      it('is brought up to date', async () => {
        assert.deepEqual((await test.store.inspect()).pendingMigrations, [])
      })

      it('was made by migrations that have not changed since', async () => {
        const url = engine === 'sqlite' ? 'sqlite::memory:' : (await createTestDatabase()).url
        const now = (await planMigration(url)).flatMap(({ statements }) => statements)
        assert.deepEqual(
          now.slice(0, saved.schema[engine].length).map(withoutTime),
          saved.schema[engine].map(withoutTime),
        )
      })

      it('knows how long what its key signed may live, though less is set now', async () => {
        const [key] = await test.store.listKeys()
        const lives = (saved.rows.sessions ?? [])
          .filter(({ kind }) => kind !== 'key')
          .map(({ created_at, expires_at }) => Number(expires_at) - Number(created_at))
        assert.ok(1000 * (key?.longestLifetime ?? 0) >= Math.max(...lives))
      })

      it('remembers how often a network has guessed, and goes on counting', async () => {
        const { name, guesses } = holds.guessed
        const counts = async () => {
          const counters = await test.store.listAttempts({ prefix: `network:${REMOTE.network}:`, limit: 10 })
          return counters.map(({ count }) => count)
        }
        assert.deepEqual(await counts(), [guesses, guesses])
        await assert.rejects(logIn(name, 'wrong'), { code: 'unknown_account' })
        assert.deepEqual(await counts(), [guesses + 1, guesses + 1])
      })

      it('lets everybody in with their password, but nobody who is disabled', async () => {
        for (const { name, password, isActive } of holds.accounts) {
          if (isActive) assert.equal((await logIn(name, password)).account.isActive, true, name)
          else await assert.rejects(logIn(name, password), { code: 'account_disabled' }, name)
        }
      })

      it('takes every token that was alive, and none that was not', async () => {
        const { key, jwt, access, refresh } = holds.tokens
        for (const token of [key, jwt, access]) assert.ok((await test.core.checkAccess(token, LOCAL)).account.id > 0)
        const claims = { accessLifetime: 300, claims: () => ({}), client: LOCAL }
        assert.ok((await test.core.refreshAccess(refresh, claims)).access.length > 0)
        for (const token of [holds.ended.key, holds.ended.jwt, holds.ended.access]) {
          await assert.rejects(test.core.checkAccess(token, LOCAL), { code: 'invalid_access_token' })
        }
        await assert.rejects(test.core.refreshAccess(holds.ended.refresh, claims), { code: 'invalid_token' })
      })

      it('still sends the letter that waited, and takes the token of one that went out', async () => {
        assert.deepEqual(await test.core.deliverLetters(), { sent: 1, failures: [] })
        const { uid, token, name } = holds.reset
        await test.core.resetPassword({
          uid,
          token,
          newPassword: PASSWORD,
          newPasswordField: 'new_password',
          problems: [],
          client: REMOTE,
        })
        assert.equal((await logIn(name, PASSWORD)).account.emailVerified, true)
      })

      it('gives a new account an id that nobody had', async () => {
        const { account } = await test.store.createAccount({
          subject: 'a new one',
          email: null,
          username: null,
          identifiers: [],
          profile: { name: '', firstName: '', lastName: '', phoneNumber: '' },
          isActive: true,
          isStaff: false,
          hasWeakPassword: false,
          passwordHash: null,
          credentialVersion: 1,
          createdAt: saved.savedAt,
        })
        assert.ok((account?.id ?? 0) > Math.max(...(saved.rows.accounts ?? []).map(({ id }) => Number(id))))
      })
    })
  }
}

describe('the saved rows', () => {
  it('are there for a version at least', () => assert.ok(SAVED.length > 0))

  it('hold something in every table that their version had', () => {
    for (const { version, schema, rows } of SAVED) {
      const database = new DatabaseSync(':memory:')
      for (const statement of schema.sqlite) database.exec(statement)
      const tables = database
        .prepare(
          "select name from sqlite_schema where type = 'table' and name not like 'sqlite%' and name not like 'kysely%'",
        )
        .all()
        .map(({ name }) => String(name))
      database.close()
      assert.deepEqual(Object.keys(rows).sort(), tables.sort(), version)
      for (const table of tables) assert.ok((rows[table]?.length ?? 0) > 0, `${version}: ${table} is empty`)
    }
  })
})

function listRows(rows: SavedRows['rows']) {
  return Object.entries(rows).flatMap(([table, list]) =>
    list.map((row) => ({ table, columns: Object.keys(row).join(', '), values: Object.values(row) })),
  )
}

function withoutTime(statement: string): string {
  return statement.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/, 'TIME')
}
