import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { makeEnvironment, type Outcome, runCli, type Terminal } from '../../test/kit/run-cli.ts'

const SECRET = /^lks_[A-Za-z0-9_-]{43}\n$/

/** Settings for a database that is there, with a service `billing` in it. */
async function makeBilling(...more: string[]): Promise<{ env: Record<string, string>; secret: string }> {
  const { env } = makeEnvironment()
  assert.equal((await runCli(['migrate'], { env })).code, 0)
  const { code, stdout, stderr } = await runCli(['clients', 'create', 'billing', ...more], { env })
  assert.equal(code, 0, stderr)
  return { env, secret: stdout.trim() }
}

async function readList(env: Record<string, string>) {
  const { code, stdout, stderr } = await runCli(['clients', 'list', '--json'], { env })
  assert.equal(code, 0, stderr)
  return JSON.parse(stdout)
}

async function refused(args: readonly string[], env: Record<string, string>, stdin?: Terminal): Promise<Outcome> {
  const outcome = await runCli(args, { env, ...(stdin === undefined ? {} : { stdin }) })
  assert.deepEqual([outcome.code === 0, outcome.stdout], [false, ''], args.join(' '))
  return outcome
}

describe('latchkey clients', () => {
  it('makes a service, with its secret alone on stdout, once', async () => {
    const { env } = makeEnvironment()
    await runCli(['migrate'], { env })
    const { code, stdout, stderr } = await runCli(['clients', 'create', 'billing'], { env })
    assert.equal(code, 0, stderr)
    assert.match(stdout, SECRET)
    assert.match(stderr, /^Made service client billing \(svc_[0-9a-f]{16}\)\. Its client id is svc_[0-9a-f]{16}\.\n/)
    assert.ok(!stderr.includes(stdout.trim()))
    const listed = await runCli(['clients', 'list'], { env })
    const json = await readList(env)
    assert.partialDeepStrictEqual(json, [{ name: 'billing', may_revoke: false, rotated_at: null }])
    assert.ok(!JSON.stringify([listed, json]).includes(stdout.trim().slice(4)))
    assert.match(
      listed.stdout,
      /^CLIENT ID +NAME +MAY REVOKE +MADE +NEW SECRET +OLD SECRET UNTIL\nsvc_[0-9a-f]{16} +billing +no /,
    )
  })

  it('makes one in JSON, which may revoke', async () => {
    const { env } = makeEnvironment()
    await runCli(['migrate'], { env })
    const { stdout } = await runCli(['clients', 'create', 'billing', '--may-revoke', '--json'], { env })
    const { id, secret, created_at, ...rest } = JSON.parse(stdout)
    assert.deepEqual(rest, { name: 'billing', may_revoke: true, rotated_at: null, previous_secret_until: null })
    assert.match(`${secret}\n`, SECRET)
    assert.deepEqual(await readList(env), [{ id, created_at, ...rest }])
  })

  it('refuses a name that is taken, and one that can be no name', async () => {
    const { env } = await makeBilling()
    const taken = await refused(['clients', 'create', 'billing'], env)
    assert.equal(taken.code, 1)
    assert.match(taken.stderr, /There is a service client billing already/)
    for (const name of ['', 'Billing', 'a b', '1st', 'svc_0123456789abcdef', 'x'.repeat(65), 'é', '--', 'a/b']) {
      const { code, stderr } = await refused(['clients', 'create', '--', name], env)
      assert.equal(code, 2, name)
      assert.match(stderr, /^latchkey: NAME has up to 64 small letters/)
    }
    assert.equal((await readList(env)).length, 1)
  })

  it('gives a new secret, by name or id, and says what becomes of the old one', async () => {
    const { env, secret } = await makeBilling()
    const [{ id }] = await readList(env)
    const first = await runCli(['clients', 'rotate-secret', 'billing'], { env })
    assert.match(first.stdout, SECRET)
    assert.notEqual(first.stdout.trim(), secret)
    assert.match(
      first.stderr,
      /^Gave service client billing \(svc_[0-9a-f]{16}\) a new secret\. The old one is dead\.\n/,
    )
    const second = await runCli(['clients', 'rotate-secret', id, '--grace', '24h', '--json'], { env })
    const { rotated_at, previous_secret_until } = JSON.parse(second.stdout)
    assert.equal(Date.parse(previous_secret_until) - Date.parse(rotated_at), 86_400_000)
    const third = await runCli(['clients', 'rotate-secret', 'billing', '--grace', '90s'], { env })
    assert.match(third.stderr, /The old one is good until \d{4}-\d\d-\d\dT[\d:]{8}Z\.\n/)
    for (const grace of ['0s', '91d', '24', 'tomorrow', '-1h', '']) {
      const { code, stderr } = await refused(['clients', 'rotate-secret', 'billing', `--grace=${grace}`], env)
      assert.equal(code, 2, grace)
      assert.match(stderr, /--grace takes a time such as 30m, 24h or 7d: 1s at least, 90d at most\./)
    }
  })

  it('deletes one that an operator is sure of, by name or id', async () => {
    const { env } = await makeBilling()
    const [{ id }] = await readList(env)
    assert.equal((await refused(['clients', 'delete', 'billing'], env)).code, 2)
    const no = await refused(['clients', 'delete', 'billing'], env, { types: ['n\r'] })
    assert.match(no.stderr, /Delete service client billing \(svc_[0-9a-f]{16}\)\? \[y\/N\] .*Nothing was deleted\./s)
    const yes = await runCli(['clients', 'delete', id], { env, stdin: { types: ['y\r'] } })
    assert.equal(yes.stdout, `Deleted service client billing (${id}).\n`)
    assert.deepEqual(await readList(env), [])
    const again = await runCli(['clients', 'create', 'billing'], { env })
    assert.equal(again.code, 0)
    const json = await runCli(['clients', 'delete', 'billing', '--yes', '--json'], { env })
    assert.match(JSON.parse(json.stdout).deleted, /^svc_/)
  })

  it('says of a service that is not there that it is not', async () => {
    const { env } = await makeBilling()
    for (const name of ['nobody', 'svc_0000000000000000', 'x\0']) {
      for (const args of [
        ['clients', 'rotate-secret', '--', name],
        ['clients', 'delete', '--yes', '--', name],
      ]) {
        const { code, stderr } = await refused(args, env)
        assert.equal(code, 1, args.join(' '))
        assert.match(stderr, /^latchkey: There is no service client /)
      }
    }
  })

  it('tells the audit log of all of it', async () => {
    const { env } = await makeBilling('--may-revoke')
    const [{ id }] = await readList(env)
    await runCli(['clients', 'rotate-secret', 'billing', '--grace', '1h'], { env })
    await runCli(['clients', 'delete', 'billing', '--yes'], { env })
    const { stdout } = await runCli(['audit', 'list', '--json'], { env })
    const entries = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    const service = { service: id, name: 'billing' }
    assert.deepEqual(
      entries.map(({ type, actor, detail }) => ({ type, actor, detail })),
      [
        { type: 'service_client_created', actor: 'operator', detail: { ...service, may_revoke: 'true' } },
        { type: 'service_client_secret_rotated', actor: 'operator', detail: { ...service, grace_seconds: '3600' } },
        { type: 'service_client_deleted', actor: 'operator', detail: service },
      ],
    )
  })
})
