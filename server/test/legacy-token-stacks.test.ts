import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import jsonwebtoken from 'jsonwebtoken'
import { readImportedToken, type TokenRow } from '../src/core/import-sessions.ts'
import type { ImportedRevocation, ImportedSession } from '../src/core/ports.ts'
import { createTokens } from '../src/crypto/tokens.ts'
import { openSource, type SourceRequest } from '../src/importing/open-source.ts'
import { LIGHT_HASHING } from './kit/hashing.ts'
import { moveIn, moveSessionsIn, OLD_SECRETS, takeLegacyTokens } from './kit/legacy-tokens.ts'
import { runPython } from './kit/python.ts'
// What it proves is the same whatever the database: it need not run on each.
import { startTestApp as start, type TestApp } from './kit/start-test-app.ts'
import { send } from './kit/wire.ts'

/** A Django project with keys and with SimpleJWT and its tables, which gives out some of each. */
const DJANGO = `
import json, os
from datetime import timedelta
from django.conf import settings
settings.configure(
  SECRET_KEY=os.environ['SECRET'], USE_TZ=True, DEFAULT_AUTO_FIELD='django.db.models.BigAutoField',
  DATABASES={'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': os.environ['DATABASE']}},
  INSTALLED_APPS=['django.contrib.auth', 'django.contrib.contenttypes', 'rest_framework', 'rest_framework.authtoken',
    'rest_framework_simplejwt.token_blacklist'])
import django; django.setup()
from django.core.management import call_command
call_command('migrate', verbosity=0)
from django.contrib.auth.models import User
from rest_framework.authtoken.models import Token
from rest_framework_simplejwt.tokens import RefreshToken
ada, bob = User(pk=41, username='ada'), User(pk=42, username='bob')
for user in (ada, bob):
  user.set_unusable_password()
  user.save()
def make(user):
  refresh = RefreshToken.for_user(user)
  refresh['name'] = 'Grüße, ' + user.username
  return refresh
used, blacklisted, expired = make(ada), make(ada), make(ada)
blacklisted.blacklist()
expired.set_exp(lifetime=-timedelta(seconds=60))
print(json.dumps({
  'key': Token.objects.create(user=ada).key, 'bobs_key': Token.objects.create(user=bob).key,
  'refresh': str(used), 'access': str(used.access_token), 'bobs': str(make(bob)),
  'blacklisted': str(blacklisted), 'expired': str(expired)}))
call_command('dumpdata', output=os.environ['DUMP'], verbosity=0)
`

/** What documents 000 and 001 come from: an id, and an end 60 days from now. */
const PYJWT = `
import os, jwt
from datetime import datetime, timedelta
end = datetime.utcnow() + timedelta(days=60)
print(jwt.encode({'id': 41, 'exp': end}, os.environ['SECRET'], algorithm='HS256'), end='')`

const directory = mkdtempSync(join(tmpdir(), 'latchkey-stacks-'))
const DATABASE = join(directory, 'db.sqlite3')
const DUMP = join(directory, 'dump.json')
const TOKENS = createTokens({ secret: 'a secret that only tests have, 32+ long' })

let given: Readonly<Record<string, string>>
let pyjwt: string
before(async () => {
  const env = { SECRET: OLD_SECRETS.simplejwt, DATABASE, DUMP }
  given = JSON.parse(await runPython(DJANGO, { env }))
  pyjwt = await runPython(PYJWT, { env: { SECRET: OLD_SECRETS['drf-jwt'] } })
})
after(() => rmSync(directory, { recursive: true, force: true }))

/** The app as it is when the back end before has just given out its last token. */
async function openSite(): Promise<TestApp> {
  const test = await start({ config: { ...LIGHT_HASHING, ...takeLegacyTokens({ legacyCutover: Date.now() }) } })
  await moveIn(test.store, { legacyId: '41', username: 'ada' })
  await moveIn(test.store, { legacyId: '42', username: 'bob' })
  return test
}

const ask = async (test: TestApp, token = '', scheme = 'Bearer') => {
  const headers = { authorization: `${scheme} ${token}` }
  const { status, json } = await send(test, { method: 'GET', path: '/api/users/user/', headers })
  return status === 200 ? (json as { username: string }).username : status
}
const refresh = (test: TestApp, token = '') =>
  send(test, { method: 'POST', path: '/api/users/token/refresh/', json: { refresh: token } })

describe('tokens that real stacks gave out', () => {
  let test: TestApp
  before(async () => {
    test = await openSite()
  })
  after(() => test.close())

  it('of SimpleJWT open doors, refresh and end', async () => {
    assert.equal(await ask(test, given.access), 'ada')
    const answer = await refresh(test, given.refresh)
    assert.equal(answer.status, 200, answer.text)
    assert.equal(await ask(test, (answer.json as { access: string }).access), 'ada')
    assert.equal((await refresh(test, given.expired)).status, 401)
    assert.equal(await ask(test, given.refresh), 401)
    const blacklist = { method: 'POST', path: '/api/users/token/blacklist/', json: { refresh: given.refresh } }
    assert.equal((await send(test, blacklist)).status, 200)
    assert.equal((await refresh(test, given.refresh)).status, 401)
    assert.equal((await refresh(test, given.bobs)).status, 200)
  })

  it('of PyJWT, which say nothing but whose they are and when they end, open doors', async () => {
    assert.equal(await ask(test, pyjwt), 'ada')
    const late = await runPython(PYJWT.replace('days=60', 'days=60, seconds=30'), {
      env: { SECRET: OLD_SECRETS['drf-jwt'] },
    })
    assert.equal(await ask(test, late), 401)
  })

  it('of jsonwebtoken open doors, by an ObjectId or a number, until they expire', async () => {
    const objectId = '65f1c0ffee0ddba11feed123'
    await moveIn(test.store, { legacyId: objectId, source: 'express-jwt', username: 'mona' })
    await moveIn(test.store, { legacyId: '42', source: 'express-jwt', username: 'bea' })
    const secret = OLD_SECRETS['express-jwt']
    const ago = { iat: Math.floor((test.config.legacyCutover ?? 0) / 1000) - 5 }
    assert.equal(await ask(test, jsonwebtoken.sign({ id: objectId, ...ago }, secret, { expiresIn: '24h' })), 'mona')
    assert.equal(
      await ask(test, jsonwebtoken.sign({ user: { id: objectId }, ...ago }, secret, { expiresIn: 3600 })),
      'mona',
    )
    assert.equal(await ask(test, jsonwebtoken.sign(ago, secret, { expiresIn: 3600, subject: '42' })), 'bea')
    // Whoever has this id in Django is somebody else.
    assert.equal(await ask(test, jsonwebtoken.sign(ago, secret, { expiresIn: 3600, subject: '41' })), 401)
    for (const token of [
      jsonwebtoken.sign({ id: objectId, ...ago }, secret),
      jsonwebtoken.sign({ id: objectId, ...ago }, secret, { expiresIn: '90d' }),
      jsonwebtoken.sign({ id: objectId, ...ago }, secret, { expiresIn: 60, algorithm: 'HS512' }),
      jsonwebtoken.sign({ id: objectId, ...ago }, secret, { expiresIn: 60, keyid: 'x' }),
      jsonwebtoken.sign({ id: objectId, ...ago }, `${secret}.`, { expiresIn: 60 }),
      jsonwebtoken.sign({ id: objectId, iat: ago.iat + 3600 }, secret, { expiresIn: 60 }),
    ]) {
      assert.equal(await ask(test, token), 401)
    }
  })
})

const sources: Readonly<Record<string, SourceRequest>> = {
  'the database of a real Django': { from: { url: `sqlite:${DATABASE}`, password: null } },
  'what a real Django dumped': { from: { file: DUMP } },
}
for (const [name, request] of Object.entries(sources)) {
  it(`keys live on and what was blacklisted stays dead, out of ${name}`, async () => {
    const test = await openSite()
    const source = await openSource(request)
    const sessions: ImportedSession[] = []
    const revoked: ImportedRevocation[] = []
    const reasons: string[] = []
    for await (const row of source.rows()) {
      assert.ok('kind' in row, JSON.stringify(row))
      if (row.kind === 'account') continue
      const options = { source: 'default', now: Date.now(), tokenSeconds: 86_400 }
      const read = readImportedToken({ tokens: TOKENS }, row as TokenRow, options)
      if ('session' in read) sessions.push(read.session)
      else if ('revoked' in read) revoked.push(read.revoked)
      else reasons.push(read.reason)
    }
    await source.close()
    // Two keys; three refresh tokens that are out, one of which its table knows as alive though the token says otherwise.
    assert.deepEqual(
      { sessions: sessions.length, revoked: revoked.length, reasons },
      { sessions: 5, revoked: 1, reasons: [] },
    )
    const outcomes = await moveSessionsIn(test.store, { sessions, revoked })
    assert.deepEqual(new Set(outcomes), new Set(['imported']))

    assert.equal(await ask(test, given.key, 'Token'), 'ada')
    assert.equal(await ask(test, given.bobs_key, 'Token'), 'bob')
    assert.equal((await refresh(test, given.blacklisted)).status, 401)
    assert.equal((await refresh(test, given.refresh)).status, 200)
    // It was known before it came: nobody had to be told.
    assert.ok(test.audit.every(({ type }) => type !== 'legacy_session_adopted'))
    const logout = { method: 'POST', path: '/api/users/logout/', headers: { authorization: `Token ${given.key}` } }
    assert.equal((await send(test, logout)).status, 200)
    assert.equal(await ask(test, given.key, 'Token'), 401)
    assert.equal(await ask(test, given.bobs_key, 'Token'), 'bob')
    await test.close()
  })
}
