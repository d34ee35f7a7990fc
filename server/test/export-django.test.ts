import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { openLatchkey } from '../src/open-latchkey.ts'
import { readConfig } from '../src/read-config.ts'
import { meetNeed, NEEDS } from './kit/needs.ts'
import { createSharedDatabase } from './kit/postgres.ts'
import { runPython } from './kit/python.ts'
import { type Outcome, runCli } from './kit/run-cli.ts'
import { makeDirectory } from './kit/server-process.ts'

const SETTINGS = `
import os
SECRET_KEY = "a key that signs nothing"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
PASSWORD_HASHERS = ["django.contrib.auth.hashers." + name + "PasswordHasher" for name in
    ("PBKDF2", "PBKDF2SHA1", "Argon2", "BCryptSHA256", "BCrypt", "MD5")]
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["DATABASE"]}}
`

/** A user for each hasher, and what a project has besides: someone whose id is not the next one, and nobody's password. */
const FILL = `
import os, django
django.setup()
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.core.management import call_command
call_command("migrate", verbosity=0)
for number, hasher in enumerate(["pbkdf2_sha256", "pbkdf2_sha1", "argon2", "bcrypt_sha256", "bcrypt", "md5", "md5"]):
    User.objects.create(pk=100 + 7 * number, username=f"{hasher}-{number}", email=f"{hasher}{number}@example.com",
        first_name="Zoë", password=make_password(os.environ["PASSWORD"] + hasher, hasher=hasher))
User.objects.create(pk=3, username="nobody", password="!")
call_command("dumpdata", "auth.user", output=os.environ["OUT"])

import argon2, bcrypt
def raw(name):
    return (os.environ["PASSWORD"] + name).encode()
others = {
    "raw2b-7": bcrypt.hashpw(raw("raw2b"), bcrypt.gensalt(4)).decode(),
    "raw2y-8": bcrypt.hashpw(raw("raw2y"), bcrypt.gensalt(4)).decode().replace("$2b$", "$2y$"),
    "argon2i-9": argon2.PasswordHasher(type=argon2.Type.I).hash(raw("argon2i")),
}
with open(os.environ["OTHERS"], "w") as file:
    file.write("username;password\\n" + "".join(f"{name};{text}\\n" for name, text in others.items()))
`

/** Loads the fixture over the users that are there, and says of each what check_password says. */
const LOAD = `
import json, os, django
django.setup()
from django.contrib.auth.models import User
from django.core.management import call_command
call_command("loaddata", os.environ["OUT"], verbosity=0)
print(json.dumps([{"id": user.pk, "username": user.username, "email": user.email, "first_name": user.first_name,
    "hasher": user.password.split("$")[0] if user.has_usable_password() else None,
    "right": user.check_password(os.environ["PASSWORD"] + user.username.split("-")[0]),
    "wrong": user.check_password("Wrong " + os.environ["PASSWORD"] + user.username.split("-")[0])}
    for user in User.objects.order_by("pk")]))
`

const PASSWORD = 'correct horse bättery '
const CLIENT = { network: null, userAgent: '', contract: 'drf-token', requestId: '' }

type Loaded = {
  readonly id: number
  readonly username: string
  readonly email: string
  readonly first_name: string
  readonly hasher: string | null
  readonly right: boolean
  readonly wrong: boolean
}

describe('the way from a real Django and back', () => {
  const directory = makeDirectory()
  const fixture = join(directory, 'back.json')
  let drop: () => Promise<void>
  let env: Record<string, string>
  let loaded: readonly Loaded[]
  let exported: Outcome

  before(async () => {
    meetNeed(NEEDS.hashLibraries)
    writeFileSync(join(directory, 'settings.py'), SETTINGS)
    const dump = join(directory, 'users.json')
    const others = join(directory, 'others.csv')
    const django = { DJANGO_SETTINGS_MODULE: 'settings', DATABASE: join(directory, 'django.sqlite3'), PASSWORD }
    await runPython(FILL, { cwd: directory, env: { ...django, OUT: dump, OTHERS: others } })
    const database = await createSharedDatabase()
    drop = database.drop
    env = {
      DATABASE_URL: database.url,
      LATCHKEY_SECRET: 'a secret that is long enough for this: 8f3b91d7',
      LATCHKEY_ARGON2: 'm=19456,t=2,p=1',
      LATCHKEY_LIMITS: 'off',
      LOG_LEVEL: 'silent',
    }
    // Somebody who is here before them, so that nobody can keep the id they had.
    const created = await runCli(['accounts', 'create', '--username', 'here-0'], { env, stdin: `${PASSWORD}here\n` })
    assert.equal(created.code, 0, created.stderr)
    for (const args of [[dump], [others, '--source', 'another']]) {
      const { code, stderr } = await runCli(['import', ...args], { env })
      assert.equal(code, 0, stderr)
    }
    await signIn('pbkdf2_sha256-0', 'bcrypt-4', 'md5-5')
    exported = await runCli(['export', '--format', 'django', '--legacy-ids', 'default', '--out', fixture], { env })
    assert.equal(exported.code, 0, exported.stderr)
    loaded = JSON.parse(await runPython(LOAD, { cwd: directory, env: { ...django, OUT: fixture } }))
  })
  after(() => drop())

  async function signIn(...names: readonly string[]): Promise<void> {
    const { core, close } = await openLatchkey(readConfig(env))
    try {
      for (const name of names) {
        const password = PASSWORD + name.split('-')[0]
        const { account } = await core.authenticate({ identifier: name, password, client: CLIENT })
        assert.equal(account.username, name)
      }
    } finally {
      await close()
    }
  }

  it('everybody is who they were, with the id that they had; who came in between is given the next', () => {
    assert.deepEqual(
      loaded.map(({ id, username }) => [id, username]),
      [
        [3, 'nobody'],
        [100, 'pbkdf2_sha256-0'],
        [107, 'pbkdf2_sha1-1'],
        [114, 'argon2-2'],
        [121, 'bcrypt_sha256-3'],
        [128, 'bcrypt-4'],
        [135, 'md5-5'],
        [142, 'md5-6'],
        [143, 'here-0'],
        [144, 'raw2b-7'],
        [145, 'raw2y-8'],
        [146, 'argon2i-9'],
      ],
    )
    for (const { username, email, first_name: name } of loaded.slice(1, 8)) {
      assert.equal(email, `${username.replace('-', '')}@example.com`)
      assert.equal(name, 'Zoë')
    }
  })

  it('Django’s check_password takes every password that it took, and no other', () => {
    assert.deepEqual(
      loaded.map(({ username, hasher, right, wrong }) => [username, hasher, right, wrong]),
      [
        ['nobody', null, false, false],
        // Who signed in here meanwhile has our own hash, which is one of Django's too.
        ['pbkdf2_sha256-0', 'argon2', true, false],
        ['pbkdf2_sha1-1', 'pbkdf2_sha1', true, false],
        ['argon2-2', 'argon2', true, false],
        ['bcrypt_sha256-3', 'bcrypt_sha256', true, false],
        ['bcrypt-4', 'argon2', true, false],
        ['md5-5', 'argon2', true, false],
        // Its hash was too quick to be kept as it was, and nobody has typed the password since.
        ['md5-6', null, false, false],
        ['here-0', 'argon2', true, false],
        ['raw2b-7', 'bcrypt', true, false],
        ['raw2y-8', 'bcrypt', true, false],
        ['argon2i-9', 'argon2', true, false],
      ],
    )
    assert.match(exported.stdout, /^Exported 12 accounts to .*\n1 account without a password\./)
    assert.match(exported.stdout, /1 account whose hash Django cannot check \(wrapped-django-md5 1\)/)
  })
})
