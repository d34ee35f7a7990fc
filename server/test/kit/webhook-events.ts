import assert from 'node:assert/strict'
import { join } from 'node:path'
import type { Config } from '../../src/config/config.ts'
import { createTestDatabase, ENGINE } from './postgres.ts'
import { makeDirectory } from './server-process.ts'
import type { TestApp } from './start-test-app.ts'
import type { Received, Receiver } from './webhook-receiver.ts'
import { send, type WireAnswer } from './wire.ts'

/** The secret of webhooks that tests have. */
export const WEBHOOK_SECRET = `whsec_${Buffer.from('0123456789abcdefghijklmnopqrstuv').toString('base64')}`
export const EMAIL = 'ada@example.com'
export const PASSWORD = 'Password-123'
/** How many events are told at once. */
export const ROUND = { limit: 20 }

/** The settings of a webhook that is a receiver on loopback. */
export function webhookSettings({ port }: Pick<Receiver, 'port'>): Partial<Config> {
  const webhookUrl = `http://127.0.0.1:${port}/events`
  return { webhookUrl, webhookSecrets: [WEBHOOK_SECRET], webhookAllowPrivate: true }
}

/** A database that can be opened more than once. */
export async function makeSharedDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  if (process.env[ENGINE] === 'postgres') return createTestDatabase()
  return { url: `sqlite:${join(makeDirectory(), 'latchkey.db')}`, drop: async () => {} }
}

/** Posts JSON as somebody with a user agent. */
export function post(test: TestApp, path: string, json: unknown): Promise<WireAnswer> {
  return send(test, { method: 'POST', path, json, headers: { 'user-agent': 'agent/1.0' } })
}

/** A registration as one contract has it. */
export const REGISTRATION = {
  first_name: 'Ada',
  last_name: 'King',
  email: EMAIL,
  password1: PASSWORD,
  password2: PASSWORD,
}

/** Makes one event, by a door, and writes it. */
export async function register(test: TestApp): Promise<void> {
  const { status } = await post(test, '/api/users/registration/', REGISTRATION)
  assert.equal(status, 201)
  await test.flushAudit()
}

/** As many events: one of the account itself, and then an operator who enables it again and again. */
export async function makeEvents(test: TestApp, count: number): Promise<void> {
  await register(test)
  for (let made = 1; made < count; made++) await test.core.administration.setActive(1, true)
  await test.flushAudit()
}

/** Tells events until none is due. */
export async function deliverAll(test: TestApp): Promise<number> {
  for (let total = 0; ; ) {
    const { delivered, failures } = await test.core.deliverEvents(ROUND)
    assert.deepEqual(failures, [])
    total += delivered
    if (delivered === 0) return total
  }
}

/** What a webhook was told. */
export function bodyOf(received: Received | undefined): {
  type: string
  timestamp: string
  data: Record<string, unknown>
} {
  assert.ok(received !== undefined, 'nothing was told')
  return JSON.parse(received.body)
}
