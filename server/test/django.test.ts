import assert from 'node:assert/strict'
import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Latchkey, type SignedIn, startLatchkey } from '../../packages/verify/test/kit/start-latchkey.ts'
import { runPython, startPython } from './kit/python.ts'
import { ask, makeDirectory } from './kit/server-process.ts'

const EXAMPLE = fileURLToPath(new URL('../../examples/django', import.meta.url))

/** Serves the project as a WSGI server does, several requests at once, and says at which port. */
const SERVE = `
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIServer, make_server
from django.core.wsgi import get_wsgi_application

class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True

server = make_server("127.0.0.1", 0, get_wsgi_application(), server_class=Server)
print(server.server_port)
server.serve_forever()
`

/** Makes the tables, and the row of an account. */
const MAKE_USER = `
import os
import django
django.setup()
from django.contrib.auth import get_user_model
from django.core.management import call_command
call_command("migrate", verbosity=0)
get_user_model().objects.create_user(username=os.environ["SUBJECT"])
`

describe("Django REST Framework with djangorestframework-simplejwt, and no code of Latchkey's", () => {
  let latchkey: Latchkey
  let tokens: SignedIn
  let subject: string
  let env: Record<string, string>
  let database: string
  /** The project without a user table, and the one with. */
  let stateless: string
  let withUsers: string
  const me = (url: string, token: string) => ask(`${url}/me/`, { method: 'GET', token })

  before(async () => {
    latchkey = await startLatchkey({ LATCHKEY_V1_ACCESS_SECONDS: '3' })
    tokens = await latchkey.signIn()
    subject = String(readPart(tokens.access, 1).sub)
    database = join(makeDirectory(), 'django.sqlite3')
    env = {
      LATCHKEY_URL: latchkey.url,
      DJANGO_SECRET_KEY: 'a secret that signs no token',
      DJANGO_DATABASE: database,
      DJANGO_SETTINGS_MODULE: 'settings',
    }
    const users = { ...env, DJANGO_SETTINGS_MODULE: 'settings_with_users', SUBJECT: subject }
    ;[stateless, withUsers] = await Promise.all([
      serve(env),
      serve(users),
      runPython(MAKE_USER, { cwd: EXAMPLE, env: users }),
      // It takes five seconds, in which everything else here goes on.
      latchkey.run('keys', 'rotate', '--in', '5s'),
    ])
  })
  after(() => latchkey.stop())

  it('accepts the access tokens of every door, as the account that they are of', async () => {
    const { access, v1, drfJwt, expressJwt } = await latchkey.signIn()
    for (const token of [v1, access, drfJwt, expressJwt]) {
      const { status, json } = await me(stateless, token)
      assert.deepEqual([status, json], [200, { pk: subject, subject }])
    }
  })

  it('refuses whoever has no token, refresh tokens and forgeries', async () => {
    assert.equal((await ask(`${stateless}/me/`, { method: 'GET' })).status, 401)
    const [head = '', body = '', tail = ''] = tokens.access.split('.')
    const header = readPart(tokens.access, 0)
    const claims = readPart(tokens.access, 1)
    const foreign = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    const published = await (await fetch(`${latchkey.url}/.well-known/jwks.json`)).text()
    const bad: Readonly<Record<string, string>> = {
      'a refresh token': tokens.refresh,
      'a refresh token of /v1': tokens.v1Refresh,
      'an opaque key': tokens.key,
      'another signer': forge(header, claims, foreign),
      'another signer, and a name nobody has': forge({ ...header, kid: 'nobody' }, claims, foreign),
      'no name': forge({ alg: 'ES256', typ: 'JWT' }, claims, foreign),
      'no signature': `${write({ alg: 'none', typ: 'JWT' })}.${body}.`,
      'the public key as a secret': hmac(header, claims, published),
      'other claims': `${head}.${write({ ...claims, sub: 'somebody-else' })}.${tail}`,
      'no token': 'x',
    }
    for (const [name, token] of Object.entries(bad)) {
      const { status, json } = await me(stateless, token)
      assert.equal(status, 401, `${name} was answered ${status}`)
      assert.partialDeepStrictEqual(json, { code: 'token_not_valid' }, name)
    }
  })

  it('refuses what somebody else issued, and what is meant for another audience', async () => {
    const jwks = `${latchkey.url}/.well-known/jwks.json`
    const verdict = await runPython(
      `
import json, os, sys
import django
django.setup()
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import TokenBackendError

def judge(token, **options):
    try:
        TokenBackend("ES256", jwk_url="${jwks}", **options).decode(token)
        return "taken"
    except TokenBackendError:
        return "refused"

token, v1 = os.environ["TOKEN"], os.environ["V1"]
print(json.dumps({
    "its issuer": judge(token, issuer="${latchkey.url}"),
    "another issuer": judge(token, issuer="https://auth.example.com"),
    "its audience": judge(v1, leeway=3600, audience="${latchkey.url}"),
    "another audience": judge(v1, leeway=3600, audience="https://shop.example"),
    "no audience, where one is wanted": judge(token, audience="https://shop.example"),
}))
`,
      { cwd: EXAMPLE, env: { ...env, TOKEN: tokens.access, V1: tokens.v1 } },
    )
    assert.deepEqual(JSON.parse(verdict), {
      'its issuer': 'taken',
      'another issuer': 'refused',
      'its audience': 'taken',
      'another audience': 'refused',
      'no audience, where one is wanted': 'refused',
    })
  })

  it('accepts the tokens of a new key without a restart, and those of the old one as before', async () => {
    const before = readPart(tokens.access, 0).kid
    for (const since = performance.now(); ; ) {
      const { access } = await latchkey.signIn()
      assert.equal((await me(stateless, access)).status, 200)
      if (readPart(access, 0).kid !== before) break
      assert.ok(performance.now() - since < 60_000, 'the new key never signed')
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
    assert.equal((await me(stateless, tokens.access)).status, 200)
  })

  it('goes on with the keys it has while Latchkey is down, and lets nobody in when it cannot tell', async () => {
    await latchkey.stop()
    assert.equal((await me(stateless, tokens.access)).status, 200)
    // It says 401 where 503 would be true: documented, with what else the package does in its own way.
    const unable = await me(withUsers, tokens.access)
    assert.partialDeepStrictEqual(unable, { status: 401, json: { code: 'token_not_valid' } })
    await latchkey.start()
    assert.equal((await me(withUsers, tokens.access)).status, 200)
  })

  it('finds the row of an account where views want one, and refuses whoever has none', async () => {
    const known = await me(withUsers, tokens.access)
    assert.deepEqual([known.status, known.json], [200, { pk: 1, subject }])
    const rows = new DatabaseSync(database)
    rows.exec('update auth_user set is_active = false')
    assert.partialDeepStrictEqual(await me(withUsers, tokens.access), { status: 401, json: { code: 'user_inactive' } })
    rows.exec('delete from auth_user')
    assert.partialDeepStrictEqual(await me(withUsers, tokens.access), { status: 401, json: { code: 'user_not_found' } })
    rows.close()
  })

  it('refuses what has expired, a leeway later', async () => {
    for (const since = performance.now(); (await me(stateless, tokens.v1)).status !== 401; ) {
      assert.ok(performance.now() - since < 60_000, 'it never expired')
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    assert.equal((await me(stateless, tokens.drfJwt)).status, 200, 'it is not for its time that it is refused')
  })
})

async function serve(env: Readonly<Record<string, string>>): Promise<string> {
  const { line } = await startPython(SERVE, { cwd: EXAMPLE, env })
  return `http://127.0.0.1:${line}`
}

function readPart(token: string, index: number): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(token.split('.')[index] ?? '', 'base64url').toString())
}

function write(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}

function forge(header: object, claims: object, key: KeyObject): string {
  const text = `${write(header)}.${write(claims)}`
  return `${text}.${sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}

function hmac(header: object, claims: object, secret: string): string {
  const text = `${write({ ...header, alg: 'HS256' })}.${write(claims)}`
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
}
