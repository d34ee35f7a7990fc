import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { readGuide, runStep } from '../../test/kit/guide.ts'
import { makeEnvironment, runCli } from '../../test/kit/run-cli.ts'
import { describeService } from '../openapi/describe-service.ts'
import { readConfig } from '../read-config.ts'

describe('latchkey openapi', () => {
  const { directory, env } = makeEnvironment()
  const expected = (more: Record<string, string> = {}) =>
    JSON.parse(JSON.stringify(describeService(readConfig({ ...env, ...more }))))

  it('prints the document of a server with these settings, and makes no database', async () => {
    const { code, stdout, stderr } = await runCli(['openapi'], { env })
    assert.equal(code, 0, stderr)
    assert.deepEqual(JSON.parse(stdout), expected())
    const few = { LATCHKEY_CONTRACTS: 'simplejwt', LATCHKEY_PUBLIC_URL: 'https://id.example.com' }
    const { stdout: other } = await runCli(['openapi'], { env: { ...env, ...few } })
    assert.deepEqual(JSON.parse(other), expected(few))
    assert.deepEqual(JSON.parse(other).servers, [{ url: 'https://id.example.com' }])
    assert.ok(!existsSync(join(directory, 'data')))
  })

  it('writes it to a file, in place of what is there', async () => {
    const folder = makeEnvironment().directory
    const file = join(folder, 'openapi.json')
    writeFileSync(file, 'what was there')
    const { code, stdout } = await runCli(['openapi', '--out', file], { env })
    assert.equal(code, 0)
    assert.equal(stdout, `Wrote ${file}.\n`)
    assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), expected())
    assert.deepEqual(readdirSync(folder), ['openapi.json'])
  })

  it('does what the page on the reference shows', async () => {
    const folder = makeEnvironment().directory
    const steps = readGuide('docs/openapi.md')
    assert.equal(steps.length, 1)
    for (const step of steps) {
      const { stdout } = await runStep(step, { url: '', directory: folder, env })
      assert.equal(stdout, step.shown)
    }
    assert.deepEqual(JSON.parse(readFileSync(join(folder, 'openapi.json'), 'utf8')), expected())
  })

  it('says what to do where there is no such directory, nothing but one, or no name', async () => {
    const nowhere = join(directory, 'nowhere', 'openapi.json')
    const missing = await runCli(['openapi', '--out', nowhere], { env })
    assert.equal(missing.code, 1)
    assert.match(missing.stderr, /There is no directory .*nowhere: make it, or name another file\./)
    const folder = await runCli(['openapi', '--out', directory], { env })
    assert.equal(folder.code, 1)
    assert.match(folder.stderr, /is a directory: name a file in it\./)
    const nameless = await runCli(['openapi', '--out', ''], { env })
    assert.equal(nameless.code, 2)
    assert.match(nameless.stderr, /--out takes the name of a file\./)
  })

  it('refuses settings that no server would start with', async () => {
    const { code, stderr } = await runCli(['openapi'], { env: { ...env, LATCHKEY_CONTRACTS: 'nonsense' } })
    assert.notEqual(code, 0)
    assert.match(stderr, /LATCHKEY_CONTRACTS/)
  })
})
