import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import type { Config } from './config.ts'
import { ConfigError } from './config-error.ts'
import { describeConfig } from './describe-config.ts'
import { findLegacyEnd, findLegacySecrets, wordLegacySecrets } from './legacy-secrets.ts'
import { loadConfig } from './load-config.ts'

const CUTOVER = '2026-11-20T18:00Z'
const CUTOVER_AT = Date.UTC(2026, 10, 20, 18)
const DAY = 86_400_000
const STRONG = 'django-insecure-kN3vT9qLw2XzR7bYc5HdPf8JmSgVaU4e6Ko1'
const directory = mkdtempSync(join(tmpdir(), 'latchkey-legacy-'))
after(() => rmSync(directory, { recursive: true, force: true }))

function load(env: Record<string, string>): Config {
  return loadConfig({ env, contractNames: ['drf-token', 'simplejwt'], directory })
}

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    load(env)
  } catch (error) {
    assert.ok(error instanceof ConfigError)
    return error.problems
  }
  return []
}

function write(name: string, secret: string, mode = 0o600): string {
  writeFileSync(join(directory, name), secret, { mode })
  return `./${name}`
}

describe('the secrets of the back end before', () => {
  const file = write('django', `${STRONG}\n`)

  it('are read from files, with the time after which nothing was signed with them', () => {
    const config = load({
      LATCHKEY_LEGACY_SIMPLEJWT_SECRET_FILE: file,
      LATCHKEY_LEGACY_CUTOVER: '2026-11-20T19:00+01:00',
    })
    const secret = { file: join(directory, 'django'), secret: STRONG, isWeak: false }
    assert.deepEqual(config.legacySimplejwtSecret, secret)
    assert.equal(config.legacyCutover, CUTOVER_AT)
    const setting = 'LATCHKEY_LEGACY_SIMPLEJWT_SECRET_FILE'
    assert.deepEqual(findLegacySecrets(config), [{ contract: 'simplejwt', setting, ...secret }])
    assert.equal(findLegacyEnd(config), CUTOVER_AT + 60 * DAY)
    assert.equal(findLegacyEnd(load({})), null)
  })

  it('may be weak, for they were chosen long ago, but not empty, and nobody else may read them', () => {
    for (const [name, secret, isWeak] of [
      ['short', 'secret', true],
      ['placeholder', 'please change this secret, please change it', true],
      ['strong', STRONG, false],
    ] as const) {
      const env = { LATCHKEY_LEGACY_EXPRESS_JWT_SECRET_FILE: write(name, secret), LATCHKEY_LEGACY_CUTOVER: CUTOVER }
      assert.equal(load(env).legacyExpressJwtSecret?.isWeak, isWeak, name)
    }
    for (const LATCHKEY_LEGACY_DRF_JWT_SECRET_FILE of [write('empty', ''), write('open', STRONG, 0o644)]) {
      const problems = problemsOf({ LATCHKEY_LEGACY_DRF_JWT_SECRET_FILE, LATCHKEY_LEGACY_CUTOVER: CUTOVER })
      assert.match(problems.join('\n'), /^LATCHKEY_LEGACY_DRF_JWT_SECRET_FILE names a file that .*(empty|chmod 600)/)
    }
  })

  it('are refused without a cut-over, and a cut-over without any of them', () => {
    const alone = problemsOf({ LATCHKEY_LEGACY_SIMPLEJWT_SECRET_FILE: file })
    assert.equal(alone.length, 1)
    assert.match(alone[0] ?? '', /^LATCHKEY_LEGACY_CUTOVER is missing: LATCHKEY_LEGACY_SIMPLEJWT_SECRET_FILE is set/)
    const useless = problemsOf({ LATCHKEY_LEGACY_CUTOVER: CUTOVER })
    assert.equal(useless.length, 1)
    assert.match(
      useless[0] ?? '',
      /^LATCHKEY_LEGACY_CUTOVER is set, but none of LATCHKEY_LEGACY_SIMPLEJWT_SECRET_FILE, /,
    )
    // One mistake is told once.
    const LATCHKEY_LEGACY_CUTOVER = 'tomorrow'
    assert.equal(problemsOf({ LATCHKEY_LEGACY_SIMPLEJWT_SECRET_FILE: file, LATCHKEY_LEGACY_CUTOVER }).length, 1)
    const missing = { LATCHKEY_LEGACY_SIMPLEJWT_SECRET_FILE: './nowhere', LATCHKEY_LEGACY_CUTOVER: CUTOVER }
    assert.equal(problemsOf(missing).length, 1)
  })

  it('are warned of until the last token is over, and then it is said that they can go', () => {
    const config = load({
      LATCHKEY_LEGACY_SIMPLEJWT_SECRET_FILE: file,
      LATCHKEY_LEGACY_EXPRESS_JWT_SECRET_FILE: write('weak', 'secret'),
      LATCHKEY_LEGACY_CUTOVER: CUTOVER,
      LATCHKEY_LEGACY_TOKEN_DAYS: '2',
    })
    const [simplejwt = '', express = ''] = wordLegacySecrets(config, CUTOVER_AT)
    assert.match(
      simplejwt,
      /for simplejwt until 2026-11-20 18:00 UTC are taken until 2026-11-22 18:00 UTC: whoever has/,
    )
    assert.match(simplejwt, /After that time, remove LATCHKEY_LEGACY_SIMPLEJWT_SECRET_FILE\.$/)
    assert.ok(!simplejwt.includes('weak'))
    assert.match(express, /for express-jwt .* That secret is weak: .*remove LATCHKEY_LEGACY_EXPRESS_JWT_SECRET_FILE\.$/)
    for (const words of wordLegacySecrets(config, CUTOVER_AT + 2 * DAY)) {
      assert.match(words, /was over at 2026-11-22 18:00 UTC: remove LATCHKEY_LEGACY_\w+_SECRET_FILE, and the secret in/)
    }
    assert.deepEqual(wordLegacySecrets(load({}), CUTOVER_AT), [])
    assert.ok(!simplejwt.includes('still to come'))
    for (const words of wordLegacySecrets(config, CUTOVER_AT - 1)) {
      assert.match(words, / LATCHKEY_LEGACY_CUTOVER is still to come: .*set it to that time\./)
    }
  })

  it('may go without their file where that signs tokens of ours', () => {
    const config = load({
      LATCHKEY_LEGACY_SIMPLEJWT_SECRET_FILE: file,
      LATCHKEY_SIMPLEJWT_HS256_SECRET_FILE: file,
      LATCHKEY_LEGACY_CUTOVER: CUTOVER,
    })
    const [words = ''] = wordLegacySecrets(config, CUTOVER_AT + 61 * DAY)
    assert.match(
      words,
      /remove LATCHKEY_LEGACY_SIMPLEJWT_SECRET_FILE; the secret signs tokens of ours, so keep its file\.$/,
    )
  })

  it('are shown to nobody', () => {
    const env = { LATCHKEY_LEGACY_SIMPLEJWT_SECRET_FILE: file, LATCHKEY_LEGACY_CUTOVER: CUTOVER }
    const config = load(env)
    const shown = describeConfig(config, { env })
    assert.ok(!JSON.stringify([shown, wordLegacySecrets(config, CUTOVER_AT)]).includes(STRONG))
    const values = new Map(shown.map(({ name, value }) => [name, value]))
    assert.equal(values.get('LATCHKEY_LEGACY_SIMPLEJWT_SECRET_FILE'), join(directory, 'django'))
    assert.equal(values.get('LATCHKEY_LEGACY_CUTOVER'), '2026-11-20T18:00:00.000Z')
  })
})
