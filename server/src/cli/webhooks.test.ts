import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { makeEnvironment, runCli } from '../../test/kit/run-cli.ts'
import { isSigned, type Receiver, startReceiver } from '../../test/kit/webhook-receiver.ts'
import { openLatchkey } from '../open-latchkey.ts'
import { readConfig } from '../read-config.ts'

const SECRET = `whsec_${Buffer.from('0123456789abcdefghijklmnopqrstuv').toString('base64')}`

describe('latchkey webhooks', () => {
  let receiver: Receiver
  let env: Record<string, string>
  beforeEach(async () => {
    receiver = await startReceiver()
    env = {
      ...makeEnvironment().env,
      LATCHKEY_WEBHOOK_URL: `http://127.0.0.1:${receiver.port}/secret-path`,
      LATCHKEY_WEBHOOK_SECRET: SECRET,
      LATCHKEY_WEBHOOK_ALLOW_PRIVATE: 'true',
    }
    assert.equal((await runCli(['migrate'], { env })).code, 0)
  })
  afterEach(() => receiver.close())

  /** Makes an account by the command line, whose event waits until a server tells it. */
  async function addAccount(email = 'ada@example.com'): Promise<void> {
    const create = ['accounts', 'create', '--email', email]
    assert.equal((await runCli(create, { env, stdin: 'correct horse battery\n' })).code, 0)
  }

  /** Tells what is due, as a server does. */
  async function tell(at = Date.now()): Promise<void> {
    const { core, close } = await openLatchkey(readConfig(env), { now: () => at })
    await core.deliverEvents({ limit: 20 })
    await close()
  }

  it('test tells an event that is signed, and says that it was taken', async () => {
    const { code, stdout } = await runCli(['webhooks', 'test'], { env })
    assert.deepEqual([code, stdout], [0, `http://127.0.0.1:${receiver.port}/******** took the test event.\n`])
    const [request] = receiver.received
    assert.ok(request !== undefined && isSigned(request, SECRET, Date.now()))
    assert.equal(JSON.parse(request.body).type, 'webhook_test')
    const json = await runCli(['webhooks', 'test', '--json'], { env })
    assert.equal(JSON.parse(json.stdout).ok, true)
  })

  it('test fails, and says why, when the event is not taken or there is no webhook', async () => {
    for (const [status, said] of [
      [500, /did not take the test event: the webhook answered 500/],
      [302, /set LATCHKEY_WEBHOOK_URL to where it leads/],
      [410, /410 Gone/],
    ] as const) {
      receiver.answer(status)
      const { code, stderr } = await runCli(['webhooks', 'test'], { env })
      assert.equal(code, 1)
      assert.match(stderr, said)
    }
    const { LATCHKEY_WEBHOOK_URL: _, ...without } = env
    const { code, stderr } = await runCli(['webhooks', 'test'], { env: without })
    assert.equal(code, 1)
    assert.match(stderr, /There is no webhook: set LATCHKEY_WEBHOOK_URL/)
  })

  it('list shows what the webhook has not been told, with its tries', async () => {
    assert.equal((await runCli(['webhooks', 'list', '--json'], { env })).stdout, '[]\n')
    await addAccount()
    receiver.answer(500)
    await tell()
    const { stdout } = await runCli(['webhooks', 'list'], { env })
    const [heading = '', line = ''] = stdout.trimEnd().split('\n')
    assert.match(heading, /^EVENT {2}TYPE +HAPPENED +TRIES {2}NEXT TRY$/)
    assert.match(line, /^\d+ +account_registered +20\S+Z +1 +20\S+Z$/)
    const [waiting] = JSON.parse((await runCli(['webhooks', 'list', '--json'], { env })).stdout)
    assert.deepEqual([waiting.type, waiting.tries], ['account_registered', 1])
    assert.ok(waiting.next_try_at > waiting.at)
  })

  it('are looked at by doctor: while all is well, while one does not answer, and once an event was given up', async () => {
    const doctor = async () => {
      const { stdout } = await runCli(['doctor'], { env })
      return stdout.split('\n').find((line) => / webhook /.test(line)) ?? ''
    }
    const where = `http://127.0.0.1:${receiver.port}/\\*{8}`
    assert.match(await doctor(), new RegExp(`^ok +webhook +${where}, with 0 events to be told$`))
    await addAccount()
    receiver.answer(500)
    await tell()
    assert.match(await doctor(), new RegExp(`^warn +webhook +${where} has not taken 1 of 1 events .*webhooks test$`))
    receiver.answer(410)
    await tell(Date.now() + 61_000)
    assert.match(await doctor(), new RegExp(`^warn +webhook +${where} never took event \\d+ .* \\(.*410 Gone\\)$`))
    await addAccount('bob@example.com')
    const { core, close } = await openLatchkey(readConfig(env), { now: () => Date.now() + 8 * 86_400_000 })
    await core.prune()
    await close()
    assert.match(await doctor(), new RegExp(`^warn +webhook +${where} never took events .*\\(1 at once: .*\\)$`))
    const { stdout } = await runCli(['config', '--json'], { env })
    assert.equal(stdout.includes('secret-path') || stdout.includes(SECRET), false)
  })
})
