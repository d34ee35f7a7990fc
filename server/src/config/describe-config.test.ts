import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { describeConfig } from './describe-config.ts'
import { listSettings } from './list-settings.ts'
import { loadConfig } from './load-config.ts'

const STRONG = 'kN3vT9qLw2XzR7bYc5HdPf8JmSgVaU4e6Ko1'
const directory = mkdtempSync(join(tmpdir(), 'latchkey-describe-'))
after(() => rmSync(directory, { recursive: true, force: true }))

function describeAll(env: Record<string, string>, values: Record<string, string> = {}) {
  const sources = { env, dotenv: { path: join(directory, '.env'), values, isOpenToOthers: false } }
  const settings = describeConfig(
    loadConfig({ ...sources, contractNames: ['drf-token', 'simplejwt'], directory }),
    sources,
  )
  return new Map(settings.map((setting) => [setting.name, setting]))
}

describe('describeConfig', () => {
  it('names every setting once, in the order of help', () => {
    assert.deepEqual(
      [...describeAll({}).keys()],
      listSettings().map(({ name }) => name),
    )
  })

  it('says where each value came from', () => {
    const settings = describeAll({ PORT: '9000', HOST: '' }, { HOST: '::1', LOG_LEVEL: 'warn' })
    assert.partialDeepStrictEqual(settings.get('PORT'), { value: '9000', from: 'environment' })
    assert.partialDeepStrictEqual(settings.get('LOG_LEVEL'), { value: 'warn', from: '.env' })
    assert.partialDeepStrictEqual(settings.get('HOST'), { value: '127.0.0.1', from: 'default' })
    assert.partialDeepStrictEqual(settings.get('LATCHKEY_PUBLIC_URL'), {
      value: 'http://localhost:9000',
      from: 'default',
    })
    assert.partialDeepStrictEqual(settings.get('LATCHKEY_CONTRACTS'), { value: 'drf-token,simplejwt', from: 'default' })
  })

  it('masks a secret wherever it came from', () => {
    const file = join(directory, 'secret')
    writeFileSync(file, STRONG, { mode: 0o600 })
    const fromEnvironment = describeAll({ LATCHKEY_SECRET: STRONG })
    const fromFile = describeAll({ LATCHKEY_SECRET_FILE: file })
    assert.partialDeepStrictEqual(fromEnvironment.get('LATCHKEY_SECRET'), { value: '********', from: 'environment' })
    assert.partialDeepStrictEqual(fromFile.get('LATCHKEY_SECRET'), { value: '********', from: 'file' })
    assert.partialDeepStrictEqual(fromFile.get('LATCHKEY_SECRET_FILE'), { value: file, from: 'environment' })
    for (const settings of [fromEnvironment, fromFile]) assert.ok(!JSON.stringify([...settings]).includes(STRONG))
    assert.match(describeAll({}).get('LATCHKEY_SECRET')?.value ?? '', /kept in .*latchkey\.db\.secret/)
  })
})
