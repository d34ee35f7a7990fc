import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { planMigration } from '../../src/store/open.ts'
import { LOCAL, openEveryKind, REMOTE } from '../kit/clients.ts'
import { makePerson, REGISTRATIONS } from '../kit/doors.ts'
import { createTestDatabase } from '../kit/postgres.ts'
import { startTestApp } from '../kit/start-test-app.ts'
import { send } from '../kit/wire.ts'
import type { SavedRows } from './saved-rows.ts'

// Run when a version is released, and commit what it writes:  node server/test/saved-rows/save-rows.ts
const SECRET = 'the secret under which saved rows are sealed'

/** Makes a database as this version makes it, with something of everything in it, and writes it down. */
async function saveRows(): Promise<SavedRows> {
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-rows-'))
  const file = join(directory, 'latchkey.db')
  const test = await startTestApp({
    databaseUrl: `sqlite:${file}`,
    secret: SECRET,
    config: { mailUrl: 'file:///letters' },
  })
  const people = REGISTRATIONS.map((door, index) => ({ door, ...makePerson(`person${index}`) }))
  for (const person of people) {
    const { status } = await send(test, { method: 'POST', path: person.door.path, json: person.door.body(person) })
    if (status !== person.door.created) throw new Error(`${person.door.path} answered ${status}`)
  }
  const names = people.map(({ door, email, username, password }) => ({
    name: door.gives.email ? email : username,
    password,
    isActive: true,
  }))
  const [first, , third, fourth] = names
  if (first === undefined || third === undefined || fourth === undefined) throw new Error('There are too few doors.')
  const authenticated = await test.core.authenticate({
    identifier: first.name,
    password: first.password,
    kinds: ['email'],
    client: REMOTE,
  })
  const tokens = await openEveryKind(test.core, authenticated)
  const ended = await openEveryKind(test.core, authenticated)
  for (const token of Object.values(ended)) {
    const access = await test.core.checkAccess(token, LOCAL).catch(() => null)
    if (access !== null) await test.core.endSession(access, LOCAL)
  }
  await test.core.askForLetter({ purpose: 'password_reset', email: third.name, client: REMOTE })
  await test.core.deliverLetters()
  const reset = test.letters.find(({ purpose }) => purpose === 'password_reset')
  if (reset === undefined) throw new Error('There is no letter.')
  await test.core.askForLetter({ purpose: 'password_reset', email: first.name, client: REMOTE })
  const disabled = await test.core.administration.findAccount(fourth.name)
  if (disabled === null) throw new Error('There is nobody to disable.')
  await test.core.administration.setActive(disabled.id, false)
  const guesses = 7
  for (let index = 0; index < guesses; index++) {
    const login = { identifier: 'guessed@example.com', password: 'wrong', kinds: ['email'] as const, client: REMOTE }
    await test.core.authenticate(login).catch(() => null)
  }
  const savedAt = Date.now()
  await test.close()

  const database = new DatabaseSync(file)
  const tables = [
    'accounts',
    'identifiers',
    'sessions',
    'attempts',
    'one_time_tokens',
    'letters',
    'signing_keys',
    'notes',
  ]
  const rows = Object.fromEntries(tables.map((table) => [table, database.prepare(`select * from ${table}`).all()]))
  database.close()
  rmSync(directory, { recursive: true })
  const empty = await createTestDatabase()
  const schema = {
    sqlite: (await planMigration('sqlite::memory:')).flatMap(({ statements }) => statements),
    postgres: (await planMigration(empty.url)).flatMap(({ statements }) => statements),
  }
  await empty.drop()
  return {
    version: readVersion(),
    savedAt,
    secret: SECRET,
    schema,
    rows: rows as SavedRows['rows'],
    holds: {
      accounts: names.map((name) => (name === fourth ? { ...name, isActive: false } : name)),
      tokens,
      ended,
      reset: { uid: reset.uid, token: reset.token, name: third.name },
      guessed: { name: 'guessed@example.com', guesses },
    },
  }
}

function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

const saved = await saveRows()
writeFileSync(new URL(`${saved.version}.json`, import.meta.url), `${JSON.stringify(saved, null, 1)}\n`)
process.exit(0)
