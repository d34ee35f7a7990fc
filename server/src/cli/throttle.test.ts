import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { LOCAL } from '../../test/kit/clients.ts'
import { makeEnvironment, runCli } from '../../test/kit/run-cli.ts'
import type { Client } from '../core/session.ts'
import { type Latchkey, openLatchkey } from '../open-latchkey.ts'
import { readConfig } from '../read-config.ts'

const PASSWORD = 'correct horse battery'
const ADA = 'ada@example.com'
const V6 = '2001:db8:1:2::/64'
const from = (network: string): Client => ({ ...LOCAL, network })

describe('latchkey throttle', () => {
  const { env } = makeEnvironment()
  let latchkey: Latchkey
  /** How far the server's clock is ahead of the commands', in milliseconds. */
  let ahead = 0
  const guess = (identifier: string, network: string, tellsUnknown = false) =>
    latchkey.core
      .authenticate({ identifier, password: 'a wrong one', client: from(network), tellsUnknown })
      .then(() => 'nothing')
      .catch((error) => String(error.code))
  const list = async (...args: string[]) => {
    const { stdout } = await runCli(['throttle', 'list', '--json', ...args], { env })
    return JSON.parse(stdout) as Record<string, unknown>[]
  }
  const kinds = (throttles: readonly Record<string, unknown>[]) => throttles.map(({ kind }) => String(kind)).toSorted()
  const clear = (...args: string[]) => runCli(['throttle', 'clear', ...args], { env })

  before(async () => {
    latchkey = await openLatchkey(readConfig(env), { now: () => Date.now() + ahead })
    for (let count = 0; count < 12; count++) {
      const email = count === 0 ? ADA : `other${count}@example.com`
      await latchkey.core.administration.createAccount({ email, password: PASSWORD }, { isStaff: false })
    }
    const authenticated = await latchkey.core.authenticate({
      identifier: ADA,
      password: PASSWORD,
      client: from('10.0.0.1'),
    })
    await latchkey.core.openKeySession(authenticated, { client: from('10.0.0.1'), lifetime: 60 })
    for (let count = 0; count < 20; count++) {
      await guess(ADA, V6)
      ahead += 1000 * 2 ** Math.max(0, count - 9)
    }
    ahead = 0
    await guess(ADA, '10.0.0.1')
    for (let count = 1; count < 12; count++) await guess(`other${count}@example.com`, '203.0.113.5')
    await guess('nobody@example.com', '203.0.113.50', true)
    await latchkey.core.askForLetter({ purpose: 'password_reset', email: ADA, client: from(V6) })
    await latchkey.core.register({ email: 'new@example.com', password: PASSWORD }, from(V6))
  })
  after(() => latchkey.close())

  it('lists an account’s counters, and not those of one whose id begins like it', async () => {
    const throttles = await list('--account', ADA)
    assert.deepEqual(kinds(throttles), [
      'guesses_at_account',
      'guesses_at_account_from_known_networks',
      'letters_to_address',
    ])
    const [first] = throttles
    assert.deepEqual({ id: first?.account_id, count: first?.count }, { id: 1, count: 20 })
    assert.match(String(first?.blocked_until), /^\d{4}-.*Z$/)
    assert.equal(throttles.filter(({ blocked_until }) => blocked_until === null).length, 2)
  })

  it('lists a network’s counters by any address in it, and not those of one that begins like it', async () => {
    const expected = [
      'guesses_from_network',
      'guesses_from_network',
      'letters_from_network',
      'names_asked_by_network',
      'registrations_from_network',
    ]
    for (const address of ['2001:DB8:1:2:ffff::9', V6])
      assert.deepEqual(kinds(await list('--network', address)), expected)
    const near = await list('--network', '203.0.113.5')
    assert.deepEqual(near.map(({ network, window, count }) => [network, window, count]).toSorted(), [
      ['203.0.113.5', '5m', 11],
      ['203.0.113.5', '60m', 11],
    ])
    assert.deepEqual(await list('--network', '203.0.113.0'), [])
  })

  it('lists only who is held back now, if asked so, and no more than asked for', async () => {
    const blocked = await list('--blocked')
    assert.deepEqual(kinds(blocked), ['guesses_at_account'])
    assert.equal((await list('--limit', '2')).length, 2)
    const { stdout, stderr } = await runCli(['throttle', 'list', '--limit', '2'], { env })
    assert.match(stdout, /guesses at an account +account 1 \(ada@example\.com\) +20 /)
    assert.match(stderr, /raise --limit/)
  })

  it('shows a name that nobody has as a pseudonym only, by which whoever knows it finds it', async () => {
    const { stdout } = await runCli(['throttle', 'list', '--limit', '1000'], { env })
    assert.ok(!stdout.includes('nobody@') && /a name that nobody has +[0-9a-f]{16}…/.test(stdout))
    assert.match((await clear('--name', 'NOBODY@example.com')).stdout, /^Cleared 1 counter\.\n$/)
    assert.match((await clear('--name', 'nobody@example.com')).stdout, /^Cleared 0 counters\.\n$/)
  })

  it('clears an account: its owner may try again at once, and nobody else’s counter is touched', async () => {
    assert.equal(await guess(ADA, '192.0.2.1'), 'too_many_attempts')
    const { code, stdout } = await clear('--account', ADA, '--json')
    assert.deepEqual({ code, answer: JSON.parse(stdout) }, { code: 0, answer: { cleared: 3 } })
    assert.equal(await guess(ADA, '192.0.2.1'), 'wrong_password')
    assert.equal((await list('--account', '11')).length, 1)
  })

  it('clears a network by an address in it, its names too', async () => {
    assert.match((await clear('--network', '203.0.113.50')).stdout, /^Cleared 3 counters\.\n$/)
    assert.deepEqual(await list('--network', '203.0.113.50'), [])
    assert.equal((await list('--network', '203.0.113.5')).length, 2)
  })

  it('clears everything when somebody is sure, and tells the audit log of each time', async () => {
    assert.equal((await clear('--all')).code, 2)
    assert.equal((await runCli(['throttle', 'clear', '--all'], { env, stdin: { types: ['n\n'] } })).code, 1)
    assert.ok((await list()).length > 0)
    assert.equal((await clear('--all', '--yes')).code, 0)
    assert.deepEqual(await list(), [])
    const { stdout } = await runCli(['audit', 'list', '--type', 'throttle_cleared', '--json'], { env })
    const told = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    assert.deepEqual(
      told.map(({ actor, detail }) => [actor, detail.of]),
      [
        ['operator', 'name'],
        ['operator', 'name'],
        ['operator', 'account'],
        ['operator', 'network'],
        ['operator', 'everybody'],
      ],
    )
    assert.ok(!stdout.includes('203.0.113.50'))
  })

  it('takes nothing for a network that is none, and one subject at a time', async () => {
    for (const [args, words] of [
      [['list', '--network', 'example.com'], '--network takes an address'],
      [['list', '--network', '127.0.0.1'], 'loopback has no budget'],
      [['list', '--network', '10.0.0.1', '--account', '1'], 'either --account or --network'],
      [['clear'], 'Name one of --account'],
      [['clear', '--name', 'a', '--all'], 'Name one of --account'],
    ] as const) {
      const { code, stderr } = await runCli(['throttle', ...args], { env })
      assert.equal(code, 2)
      assert.ok(stderr.includes(words), stderr)
    }
  })
})
