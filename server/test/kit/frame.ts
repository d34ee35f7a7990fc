import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import { securityHeaders } from '../../src/http/security-headers.ts'
import { LIGHT_HASHING } from './hashing.ts'
import { listen } from './raw-http.ts'
import { startTestApp, type TestApp, type TestOptions } from './start-test-app.ts'
import type { Voice } from './voices.ts'
import type { WireAnswer } from './wire.ts'

/** What every answer carries where TLS does not end in front. */
export const FRAME = securityHeaders({ isSecure: false })
export const JSON_TYPE = { 'content-type': 'application/json' }
/** A path of each voice at which passwords are checked. */
export const DOORS: readonly { voice: Voice; path: string }[] = [
  { voice: 'drf', path: '/login/' },
  { voice: 'drf', path: '/api/users/login/' },
  { voice: 'drf', path: '/simplejwt/api/users/login/' },
  { voice: 'express', path: '/api/auth/login/' },
]

/** An app for all tests of a suite, which also listens on a port of loopback. */
export function withApp(options: TestOptions = {}): { readonly test: TestApp; readonly port: number } {
  const started: { test?: TestApp; port?: number } = {}
  before(async () => {
    started.test = await startTestApp({ config: LIGHT_HASHING, ...options })
    started.port = await listen(started.test)
  })
  after(() => started.test?.close())
  return {
    get test() {
      assert.ok(started.test !== undefined)
      return started.test
    },
    get port() {
      return started.port ?? 0
    },
  }
}

/** Fails where an answer lacks one of these headers, or has one that it should not. */
export function assertFramed(answer: Pick<WireAnswer, 'headers' | 'status'>, about: string): void {
  for (const [name, value] of Object.entries(FRAME)) assert.equal(answer.headers[name], value, `${about}: ${name}`)
  for (const name of ['server', 'x-powered-by', 'set-cookie']) assert.equal(answer.headers[name], undefined, about)
}

/** The lines that tell of a fault of ours. */
export function faults({ log }: Pick<TestApp, 'log'>): string[] {
  return log.filter((line) => (JSON.parse(line) as { level: number }).level >= 50)
}
