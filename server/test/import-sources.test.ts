import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { openSource, type SourceRequest } from '../src/importing/open-source.ts'
import type { BadRow, Place, Row } from '../src/importing/source.ts'
import { meetNeed, NEEDS } from './kit/needs.ts'
import { createTestDatabase, type TestDatabase } from './kit/postgres.ts'
import { runPython } from './kit/python.ts'
import { makeDirectory } from './kit/server-process.ts'

/** A project with Django's own users, or with a model of its own where USER_MODEL names it. */
const SETTINGS = `
import os
SECRET_KEY = "a key that signs nothing"
USE_TZ = True
TIME_ZONE = "Asia/Kathmandu"
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "rest_framework", "rest_framework.authtoken",
    "rest_framework_simplejwt.token_blacklist"]
if os.environ.get("USER_MODEL"):
    AUTH_USER_MODEL = os.environ["USER_MODEL"]
    INSTALLED_APPS.insert(0, "people")
if os.environ.get("PGHOST"):
    DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "HOST": os.environ["PGHOST"],
        "USER": "postgres", "NAME": os.environ["PGDATABASE"]}}
else:
    DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["DATABASE"]}}
`

const PEOPLE = `
import uuid
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

class Person(AbstractBaseUser):
    person_id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    mail = models.EmailField(unique=True)
    full_name = models.CharField(max_length=100)
    USERNAME_FIELD = "mail"
    objects = BaseUserManager()
`

/** Users of every kind, and the tokens of some. */
const FILL = `
import json
from datetime import datetime, timezone
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from django.contrib.auth.models import Group, User
from rest_framework.authtoken.models import Token
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken
from rest_framework_simplejwt.tokens import RefreshToken

joined = datetime(2020, 2, 29, 12, 0, 0, 123456, tzinfo=timezone.utc)
ada = User.objects.create_user("ada", "ada@example.com", "correct horse", first_name="Ada", last_name="Lovelace \\u2028😀",
    date_joined=joined, last_login=joined)
ada.groups.add(Group.objects.create(name="mathematicians"))
root = User.objects.create_superuser("root", "", "correct horse")
gone = User.objects.create_user("gone", "gone@example.com", None, is_active=False)
User.objects.bulk_create(User(username=f"user-{number}", password="!") for number in range(2100))
Token.objects.create(user=ada)
one = RefreshToken.for_user(ada)
two = RefreshToken.for_user(ada)
two.blacklist()
print(json.dumps({"key": Token.objects.get().key, "one": one["jti"], "two": two["jti"],
    "hash": User.objects.get(pk=1).password}))
`

/** What dumpdata writes, in every way of writing it that is asked for. */
const DUMP = `
import os
from django.core.management import call_command
for line in os.environ.get("DUMPS", "").splitlines():
    out, how, indent, natural, *models = line.split()
    call_command("dumpdata", *models, format=how, output=out, indent=int(indent) or None,
        use_natural_foreign_keys=natural == "natural")
`

const FILL_PEOPLE = `
import django
django.setup()
from django.core.management import call_command
call_command("makemigrations", "people", verbosity=0)
call_command("migrate", verbosity=0)
from people.models import Person
person = Person(mail="ada@example.com", full_name="Ada Lovelace")
person.set_password("correct horse")
person.save()
print(person.pk)
`

/** The accounts come last, after tokens and what nobody asked for. */
const MODELS = 'authtoken token_blacklist contenttypes auth'
const DUMPS = [
  `plain.json json 0 keys ${MODELS}`,
  `pretty.json json 2 keys ${MODELS}`,
  `lines.jsonl jsonl 0 keys ${MODELS}`,
  `natural.json json 0 natural ${MODELS}`,
].join('\n')

type Made = { readonly key: string; readonly one: string; readonly two: string; readonly hash: string }

async function readAll(
  request: SourceRequest,
  after?: Place,
): Promise<{ rows: Row[]; bad: BadRow[]; description: string; notes: readonly string[] }> {
  const source = await openSource(request)
  const rows: Row[] = []
  const bad: BadRow[] = []
  try {
    for await (const row of source.rows(after)) {
      if ('problem' in row) bad.push(row)
      else rows.push(row)
    }
    const { done, total } = source.progress()
    if (rows.some(({ kind }) => kind !== 'account') || source.format === 'database') assert.equal(done, total)
  } finally {
    await source.close()
  }
  return { rows, bad, description: source.description, notes: source.notes }
}

describe('accounts of a real Django', () => {
  const directory = makeDirectory()
  const database = join(directory, 'django.sqlite3')
  const env = { DJANGO_SETTINGS_MODULE: 'settings', DATABASE: database }
  const run = (code: string, more: Readonly<Record<string, string>> = {}) =>
    runPython(code, { cwd: directory, env: { ...env, ...more } })
  let made: Made

  before(async () => {
    writeFileSync(join(directory, 'settings.py'), SETTINGS)
    mkdirSync(join(directory, 'people'))
    writeFileSync(join(directory, 'people', '__init__.py'), '')
    writeFileSync(join(directory, 'people', 'models.py'), PEOPLE)
    made = JSON.parse(await run(FILL + DUMP, { DUMPS }))
  })

  function checkRows(rows: readonly Row[], { hash, key, one, two }: Made): void {
    const kinds = rows.map(({ kind }) => kind)
    assert.equal(kinds.lastIndexOf('account'), 2102, 'accounts come first, all of them')
    const [ada, root, gone] = rows
    assert.partialDeepStrictEqual(ada?.fields, {
      id: 1,
      username: 'ada',
      email: 'ada@example.com',
      password: hash,
      first_name: 'Ada',
      last_name: 'Lovelace \u2028😀',
    })
    assert.match(String(ada?.fields.date_joined), /^2020-02-29T12:00:00\.123(456)?Z$/)
    assert.match(String(ada?.fields.last_login), /^2020-02-29T12:00:00\.123(456)?Z$/)
    assert.ok(root?.fields.is_superuser === true || root?.fields.is_superuser === 1)
    assert.ok(gone?.fields.is_active === false || gone?.fields.is_active === 0)
    assert.match(String(gone?.fields.password), /^!/)
    const tokens = Object.fromEntries(rows.slice(2103).map(({ kind, fields }) => [kind, fields]))
    assert.deepEqual(Object.keys(tokens).sort(), ['authtoken', 'blacklisted', 'outstanding'])
    assert.partialDeepStrictEqual(tokens.authtoken, { key, user: 1 })
    assert.partialDeepStrictEqual(tokens.outstanding, { jti: one, user: 1 })
    assert.partialDeepStrictEqual(tokens.blacklisted, { jti: two, user: 1 })
    for (const [kind, name] of [
      ['authtoken', 'created'],
      ['outstanding', 'expires_at'],
    ] as const) {
      assert.match(String(tokens[kind]?.[name]), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/)
    }
  }

  it('are read from what dumpdata writes, packed or not, in one line, in many, or an object a line', async () => {
    for (const name of ['plain.json', 'pretty.json', 'lines.jsonl']) {
      const file = join(directory, name)
      const { rows, bad, description } = await readAll({ from: { file } })
      assert.deepEqual(bad, [])
      assert.match(description, /^a Django dump/)
      checkRows(rows, made)
      assert.deepEqual(rows[0]?.fields.groups, [1], 'for whoever counts what is dropped')
      writeFileSync(`${file}.gz`, gzipSync(readFileSync(file)))
      const packed = await readAll({ from: { file: `${file}.gz` } })
      assert.deepEqual(packed.rows, rows)
      const half = await readAll({ from: { file } }, { rows: 1500, line: '' })
      assert.deepEqual(half.rows, rows.slice(1500))
    }
  })

  it('whose tokens name them by natural keys are read, and the tokens told as what cannot be', async () => {
    const file = join(directory, 'natural.json')
    const { rows, bad } = await readAll({ from: { file } })
    assert.equal(rows.length, 2103)
    assert.equal(bad.length, 3)
    assert.match(bad[0]?.problem ?? '', /dump it again without --natural-foreign/)
  })

  it('are read from its SQLite database while it is in use', async () => {
    const request = { from: { url: `sqlite:${database}`, password: null } }
    const { rows, bad } = await readAll(request)
    assert.deepEqual(bad, [])
    checkRows(rows, made)
    for (const at of [999, 1000, 2102, 2103, 2105]) {
      const line = rows[at]?.line ?? ''
      assert.deepEqual((await readAll(request, { rows: at + 1, line })).rows, rows.slice(at + 1), String(line))
    }
  })

  it('that are of a model of its own are found by the table that has passwords', async () => {
    const others = join(directory, 'people.sqlite3')
    const people = { USER_MODEL: 'people.Person', DATABASE: others }
    const file = join(directory, 'people.json')
    const id = (await run(FILL_PEOPLE + DUMP, { ...people, DUMPS: 'people.json json 0 keys people' })).trim()
    const from = { url: `sqlite:${others}`, password: null }
    await assert.rejects(openSource({ from }), /There is no table auth_user\. .*people_person.*--table people_person/)
    for (const table of ['people_person', 'people.Person']) {
      const { rows, notes } = await readAll({ from, table, map: { id: 'person_id' } })
      assert.partialDeepStrictEqual(rows[0]?.fields, {
        id: id.replaceAll('-', ''),
        email: 'ada@example.com',
        name: 'Ada Lovelace',
      })
      assert.deepEqual(notes, [
        'Taken by their names: email from mail, name from full_name. Where that is wrong, say --map FIELD=COLUMN.',
      ])
    }
    await assert.rejects(
      openSource({ from: { file } }),
      /no auth\.user in the file; it holds people\.person\. people\.person has passwords: --table people\.person\.$/,
    )
    const { rows } = await readAll({ from: { file }, table: 'people.Person' })
    assert.partialDeepStrictEqual(rows[0]?.fields, { id, email: 'ada@example.com', name: 'Ada Lovelace' })
    await assert.rejects(
      openSource({ from, table: 'people_person', map: { email: 'e_mail' } }),
      /There is no column e_mail, which was mapped to email: it has /,
    )
  })

  describe('on PostgreSQL', () => {
    let postgres: TestDatabase
    before(async () => {
      meetNeed(NEEDS.djangoOnPostgres)
      postgres = await createTestDatabase()
    })
    after(() => postgres.drop())

    it('are read as they were in one moment', async () => {
      const host =
        new URL(postgres.url.replace('postgres://postgres@/', 'postgres://x/')).searchParams.get('host') ?? ''
      const there: Made = JSON.parse(await run(FILL, { PGHOST: host, PGDATABASE: postgres.name }))
      const request = { from: { url: postgres.url, password: null } }
      const { rows, bad, description } = await readAll(request)
      assert.deepEqual(bad, [])
      assert.match(description, /^a PostgreSQL database, 2103 rows of auth_user, 1 rows of authtoken_token/)
      checkRows(rows, there)
      for (const at of [999, 2102, 2103]) {
        const line = rows[at]?.line ?? ''
        assert.deepEqual((await readAll(request, { rows: at + 1, line })).rows, rows.slice(at + 1), String(line))
      }
      await assert.rejects(openSource({ ...request, table: 'people' }), /--table auth_user/)
      const told = { url: postgres.url.replace('postgres@', 'postgres:secret@'), password: null }
      const { notes } = await readAll({ from: told })
      assert.match(notes[0] ?? '', /^The URL has a password in it, which every process list shows/)
    })
  })
})
