import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { LOCAL } from '../../test/kit/clients.ts'
import { makeEnvironment, runCli } from '../../test/kit/run-cli.ts'
import { openLatchkey } from '../open-latchkey.ts'
import { readConfig } from '../read-config.ts'

const PASSWORD = 'correct horse battery'

/** Three sessions of one account, as a door opens them. */
async function openSessions(env: Record<string, string>): Promise<void> {
  const { core, close } = await openLatchkey(readConfig(env))
  const client = { ...LOCAL, network: '192.0.2.7', userAgent: 'agent \u001b[31m' }
  const authenticated = await core.register({ email: 'ada@example.com', password: PASSWORD }, LOCAL)
  for (const contract of ['drf-token', 'drf-token', 'simplejwt']) {
    await core.openKeySession(authenticated, { lifetime: 3600, client: { ...client, contract } })
  }
  await close()
}

describe('latchkey sessions, with some open', () => {
  it('lists them, ends one by its id, and ends the rest by their account', async () => {
    const { env } = makeEnvironment()
    await openSessions(env)
    const table = await runCli(['sessions', 'list'], { env })
    assert.equal(table.stdout.trimEnd().split('\n').length, 4)
    assert.ok(table.stdout.includes('192.0.2.7') && !table.stdout.includes('\u001b'))

    const sessions = JSON.parse((await runCli(['sessions', 'list', 'ada@example.com', '--json'], { env })).stdout)
    assert.equal(sessions.length, 3)
    const revoke = ['sessions', 'revoke', String(sessions[0].id)]
    assert.equal((await runCli(revoke, { env })).code, 0)
    assert.equal((await runCli(revoke, { env })).code, 1)

    const rest = await runCli(['sessions', 'revoke', '--account', '1', '--json'], { env })
    assert.deepEqual(JSON.parse(rest.stdout), { revoked: 2 })
    assert.equal((await runCli(['sessions', 'list', '--json'], { env })).stdout, '[]\n')
  })
})
