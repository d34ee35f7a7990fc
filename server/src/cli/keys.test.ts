import assert from 'node:assert/strict'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { LOCAL } from '../../test/kit/clients.ts'
import { makeEnvironment, runCli } from '../../test/kit/run-cli.ts'
import { openLatchkey } from '../open-latchkey.ts'
import { readConfig } from '../read-config.ts'

const KID = /^[A-Za-z0-9_-]{43}$/

type Key = Readonly<Record<'kid' | 'algorithm' | 'state' | 'active_from' | 'created_at' | 'ends_at', string>>

/** A database with somebody signed in. */
async function makeDatabase() {
  const { env, directory } = makeEnvironment()
  const { core, close } = await openLatchkey(readConfig(env))
  const authenticated = await core.register({ email: 'ada@example.com', password: 'correct horse battery' }, LOCAL)
  await core.openJwtSession(authenticated, { client: LOCAL, lifetime: 3600, claims: () => ({}) })
  await close()
  const list = async (): Promise<readonly Key[]> =>
    JSON.parse((await runCli(['keys', 'list', '--json'], { env })).stdout)
  return { env, directory, list, run: (...args: string[]) => runCli(['keys', ...args], { env }) }
}

describe('latchkey keys', () => {
  it('lists the key that signs, since when, and of what kind', async () => {
    const { list, run } = await makeDatabase()
    const [key, ...others] = await list()
    assert.deepEqual(others, [])
    assert.match(key?.kid ?? '', KID)
    assert.deepEqual([key?.algorithm, key?.state, key?.ends_at], ['ES256', 'signing', null])
    const { stdout } = await run('list')
    assert.match(stdout, /^KID +ALGORITHM +STATE +ADDED +SIGNS FROM +TOKENS END\n/)
    assert.ok(stdout.includes(`${key?.kid}  ES256      signing`))
  })

  it('adds the one that follows, ten minutes ahead or as far as it is told, and no second', async () => {
    const { list, run } = await makeDatabase()
    const first = await run('rotate')
    const [next] = await list()
    assert.match(first.stdout, /^Added \S{43} \(ES256\): published now, signs from \S+Z\.\n$/)
    assert.equal(next?.state, 'next')
    assert.equal(Date.parse(next?.active_from ?? '') - Date.parse(next?.created_at ?? ''), 600_000)
    const second = await run('rotate', '--in', '5s')
    assert.equal(second.code, 1)
    assert.match(second.stderr, /A key is to follow already: \S{43} signs from/)

    assert.equal((await run('revoke', next?.kid ?? '', '--yes')).code, 0)
    const { stdout } = await run('rotate', '--in', '1h', '--json')
    const key: Key = JSON.parse(stdout)
    assert.equal(Date.parse(key.active_from) - Date.parse(key.created_at), 3_600_000)
  })

  it('understands no time in which not every process would know the key', async () => {
    const { run, list } = await makeDatabase()
    for (const text of ['4s', '0s', '5', 'soon', '-5s', '', '367d']) {
      const { code, stderr } = await run('rotate', `--in=${text}`)
      assert.equal(code, 2, text)
      assert.match(stderr, /--in/)
    }
    assert.equal((await list()).length, 1)
  })

  it('revokes a key when it is told to be sure, says whose tokens that kills, and has another sign', async () => {
    const { env, list, run } = await makeDatabase()
    const [first] = await list()
    const kid = first?.kid ?? ''
    assert.equal((await run('revoke', kid)).code, 2)
    const no = await runCli(['keys', 'revoke', kid], { env, stdin: { types: ['n\n'] } })
    assert.deepEqual([no.code, (await list())[0]?.state], [1, 'signing'])
    const yes = await runCli(['keys', 'revoke', kid], { env, stdin: { types: ['y\n'] } })
    assert.equal(yes.code, 0)
    const after = await list()
    const signing = after.find(({ state }) => state === 'signing')
    assert.equal(
      yes.stdout,
      `Revoked ${kid}: tokens of 1 session that were opened while it signed are dead.\n${signing?.kid} signs now.\n`,
    )
    assert.equal(after.find((key) => key.kid === kid)?.state, 'revoked')

    const again = await run('revoke', kid, '--yes')
    assert.deepEqual([again.code, again.stderr.includes('was revoked before')], [1, true])
    const unknown = await run('revoke', 'nobody', '--yes')
    assert.deepEqual([unknown.code, unknown.stderr.includes('There is no key nobody')], [1, true])
  })

  it('takes a kid that begins with a hyphen for a kid', async () => {
    const { run } = await makeDatabase()
    for (const kid of [`-${'a'.repeat(42)}`, `--${'b'.repeat(41)}`]) {
      for (const args of [
        [kid, '--yes'],
        ['--yes', kid],
        ['--yes', '--', kid],
      ]) {
        const { code, stderr } = await run('revoke', ...args)
        assert.deepEqual([code, stderr.includes(`There is no key ${kid}`)], [1, true], stderr)
      }
    }
  })

  it('adds a key of the algorithm that is set, and doctor says when that is not the one that signs', async () => {
    const { env, run, list } = await makeDatabase()
    const other = { ...env, LATCHKEY_SIGNING_ALGORITHM: 'eddsa' }
    const before = await runCli(['doctor'], { env: other })
    assert.match(before.stdout, /warn +signing key +is for ES256, and LATCHKEY_SIGNING_ALGORITHM is EdDSA/)
    assert.match((await runCli(['keys', 'rotate'], { env: other })).stdout, /\(EdDSA\)/)
    assert.match((await runCli(['doctor'], { env: other })).stdout, /ok +signing key +\S{43} \(ES256\) signs since/)
    assert.deepEqual(
      (await list()).map(({ algorithm, state }) => [algorithm, state]),
      [
        ['EdDSA', 'next'],
        ['ES256', 'signing'],
      ],
    )
    assert.equal((await run('list')).code, 0)
  })

  it('are warned of by doctor where a contract shares a secret, and never show it', async () => {
    const { env, directory } = await makeDatabase()
    const secret = 'Zk3!a-shared-secret-of-a-django-project'
    const file = join(directory, 'django')
    writeFileSync(file, `${secret}\n`, { mode: 0o600 })
    const shared = { ...env, LATCHKEY_SIMPLEJWT_HS256_SECRET_FILE: file }
    const { stdout } = await runCli(['doctor'], { env: shared })
    assert.match(stdout, /warn +shared secret +tokens of simplejwt are signed HS256 with the secret in /)
    const config = await runCli(['config'], { env: shared })
    assert.ok(config.stdout.includes(file))
    for (const text of [stdout, config.stdout]) assert.ok(!text.includes(secret))
  })

  it('may be accompanied by a secret of the back end before, of which doctor tells, but never by their own seal', async () => {
    const { env, directory } = await makeDatabase()
    const file = join(directory, 'old')
    const old = { LATCHKEY_LEGACY_SIMPLEJWT_SECRET_FILE: file, LATCHKEY_LEGACY_CUTOVER: new Date().toISOString() }
    writeFileSync(file, 'a weak one\n', { mode: 0o600 })
    const { stdout } = await runCli(['doctor'], { env: { ...env, ...old } })
    assert.match(
      stdout,
      /warn +legacy secret +tokens that the back end before signed for simplejwt until .*That secret is weak/,
    )
    assert.ok(!stdout.includes('a weak one'))
    const sealing = 'Zk3!what-seals-the-signing-keys-of-this-database'
    writeFileSync(file, sealing, { mode: 0o600 })
    const { code, stderr } = await runCli(['migrate'], {
      env: { ...makeEnvironment().env, ...old, LATCHKEY_SECRET: sealing },
    })
    assert.equal(code, 1)
    assert.match(stderr, /LATCHKEY_LEGACY_SIMPLEJWT_SECRET_FILE holds the secret that seals the signing keys/)
  })

  it('are not made while a shared secret is short, easy to guess, open to others or the one that seals them', async () => {
    const { env, directory } = await makeDatabase()
    const file = join(directory, 'shared')
    const refused = async (text: string, mode: number) => {
      writeFileSync(file, text)
      chmodSync(file, mode)
      const { code, stderr } = await runCli(['keys', 'list'], {
        env: { ...env, LATCHKEY_DRF_JWT_HS256_SECRET_FILE: file },
      })
      assert.equal(code, 1)
      assert.ok(stderr.includes('LATCHKEY_DRF_JWT_HS256_SECRET_FILE'), stderr)
      return stderr
    }
    assert.match(await refused('Zk3!a-shared-secret-of-a-djang\n', 0o600), /at least 32 characters/)
    assert.match(await refused('ab'.repeat(20), 0o600), /a repetition or a sequence/)
    assert.match(await refused('Zk3!a-shared-secret-of-a-django-project', 0o644), /others can read or write/)
    const sealing = 'Zk3!what-seals-the-signing-keys-of-this-database'
    writeFileSync(file, sealing)
    chmodSync(file, 0o600)
    const own = { ...makeEnvironment().env, LATCHKEY_SECRET: sealing, LATCHKEY_DRF_JWT_HS256_SECRET_FILE: file }
    const { code, stderr } = await runCli(['migrate'], { env: own })
    assert.equal(code, 1)
    assert.match(stderr, /holds the secret that seals the signing keys/)
  })
})
