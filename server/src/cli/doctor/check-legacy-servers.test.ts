import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startOldServer } from '../../../test/kit/old-server.ts'
import { makeEnvironment } from '../../../test/kit/run-cli.ts'
import { readConfig } from '../../read-config.ts'
import { checkLegacyAnswers, checkLegacyServers } from './check-legacy-servers.ts'

function check(settings: Readonly<Record<string, string>>) {
  return checkLegacyServers(readConfig({ ...makeEnvironment().env, ...settings }))
}

describe('doctor', () => {
  it('says of an old server whether it refuses a name that nobody has as its contract does', async (t) => {
    const old = await startOldServer({ ada: { id: 7, password: 'Password-1' } })
    t.after(old.close)
    const elsewhere = `${old.url}/elsewhere/`
    const findings = await check({ LATCHKEY_LEGACY_SIMPLEJWT_URL: old.url, LATCHKEY_LEGACY_DRF_JWT_URL: elsewhere })
    assert.deepEqual(
      findings.map(({ level }) => level),
      ['warn', 'warn', 'warn', 'ok'],
    )
    assert.match(findings[2]?.says ?? '', /\/elsewhere\/ answers .* not drf-jwt’s: check LATCHKEY_LEGACY_DRF_JWT_URL$/)
    assert.match(
      findings[3]?.says ?? '',
      /^http:\/\/127\.0\.0\.1:\d+\/api\/users\/login\/ refuses a name that nobody has, as simplejwt does$/,
    )
  })

  it('says what to do about an old server that does not answer', async () => {
    const old = await startOldServer()
    await old.close()
    const [, finding] = await check({ LATCHKEY_LEGACY_SIMPLEJWT_URL: old.url })
    assert.equal(finding?.level, 'warn')
    assert.match(
      finding?.says ?? '',
      /cannot be asked \(.*ECONNREFUSED.*\): .* Once it is off for good, remove LATCHKEY_LEGACY_SIMPLEJWT_URL$/,
    )
  })

  it('says nothing of old servers where none is set, and what came of questions so far', async () => {
    assert.deepEqual(await check({}), [])
    const counts = { contract: 'simplejwt', accepted: 3, adopted: 2, refused: 4, unavailable: 1 }
    const says = checkLegacyAnswers([{ ...counts, lastAdoptedAt: Date.UTC(2026, 0, 2) }]).map((finding) => finding.says)
    assert.deepEqual(says, [
      'simplejwt: asked 8 times; moved in: 2 (the last one 2026-01-02T00:00:00.000Z), refused: 4, no answer: 1',
    ])
  })
})
