import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { LOCAL, PASSWORD } from './kit/clients.ts'
import { faults } from './kit/frame.ts'
import { LIGHT_HASHING } from './kit/hashing.ts'
import { forgeLegacyTokens } from './kit/legacy-forgeries.ts'
import { claimsOf, mint, moveIn, OLD_SECRETS, takeLegacyTokens } from './kit/legacy-tokens.ts'
// What it proves is the same whatever the database: it need not run on each.
import { startTestApp as start, type TestApp } from './kit/start-test-app.ts'
import { findTaken, PLACES } from './kit/token-places.ts'
import { send } from './kit/wire.ts'

describe('a forged token of the back end before', () => {
  const legacyId = 'somebody'
  let test: TestApp
  let dead: string
  before(async () => {
    const shared = { file: '/run/secrets/simplejwt', secret: OLD_SECRETS.simplejwt }
    // The worst case: the old secret still signs, as it does where old services check tokens by it.
    const config = { ...LIGHT_HASHING, ...takeLegacyTokens(), simplejwtHs256Secret: shared }
    test = await start({ config })
    const accountId = await moveIn(test.store, { legacyId })
    dead = await openAndEnd(test)
    assert.equal(await test.store.findAccount({ by: 'id', id: accountId }).then((found) => found?.isActive), true)
  })
  after(() => test.close())

  it('is told from a real one, which is taken', async () => {
    const headers = { authorization: `Bearer ${mint(claimsOf(legacyId))}` }
    assert.equal((await send(test, { method: 'GET', path: '/v1/session', headers })).status, 200)
    const refresh = mint(claimsOf(legacyId, { token_type: 'refresh' }))
    const path = '/api/users/token/refresh/'
    assert.equal((await send(test, { method: 'POST', path, json: { refresh } })).status, 200)
  })

  for (const name of Object.keys(forgeLegacyTokens({ legacyId, dead: '' }))) {
    it(`with ${name} is refused wherever tokens are taken`, async () => {
      const forged = forgeLegacyTokens({ legacyId, dead })[name] ?? []
      assert.ok(forged.length > 0)
      for (const text of forged) assert.deepEqual(await findTaken(test, text), [], text.slice(0, 300))
    })
  }

  it('is not made of a refresh token used for access, nor of an access token used to refresh', async () => {
    for (const { name, status, request } of PLACES) {
      if (name.includes('verify')) continue
      const isRefreshing = name.includes('/token/') || name.includes('/refresh')
      const token = mint(claimsOf(legacyId, { token_type: isRefreshing ? 'access' : 'refresh' }))
      assert.equal((await send(test, request(token))).status, status, name)
    }
    assert.deepEqual(faults(test), [])
  })
})

/** A token of ours, signed with the secret that an old service shares, whose session is over. */
async function openAndEnd(test: TestApp): Promise<string> {
  const authenticated = await test.core.register({ username: 'own', password: PASSWORD }, LOCAL)
  const client = { ...LOCAL, contract: 'simplejwt' }
  // It says all that a legacy token says, and whose it would be.
  const claims = () => ({ user_id: 'somebody' })
  const opened = await test.core.openPairSession(authenticated, { client, lifetime: 3600, accessLifetime: 300, claims })
  const access = await test.core.checkAccess(opened.access, LOCAL)
  assert.equal(opened.access.split('.')[0], Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url'))
  await test.core.endSession(access, LOCAL)
  return opened.access
}
