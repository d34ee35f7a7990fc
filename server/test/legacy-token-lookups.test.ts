import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { checkAccess } from '../src/core/check-access.ts'
import type { Ports, Store } from '../src/core/ports.ts'
import { refreshAccess } from '../src/core/token-data.ts'
import { createLegacyTokens } from '../src/crypto/legacy-tokens.ts'
import { createSealing } from '../src/crypto/sealing.ts'
import { createSigner } from '../src/crypto/signer.ts'
import { createTokens } from '../src/crypto/tokens.ts'
import { type OpenedStore, openStore } from '../src/store/open.ts'
import { LOCAL } from './kit/clients.ts'
import { claimsOf, mint, moveIn, OLD_SECRETS } from './kit/legacy-tokens.ts'
import { fresh } from './kit/stores.ts'

const SECRET = 'a secret that only tests have, 32+ long'

describe('a token that the back end before did not make', () => {
  let opened: OpenedStore
  let ports: Pick<Ports, 'store' | 'memories' | 'tokens' | 'signer' | 'legacyTokens' | 'audit' | 'now'>
  /** What the store was asked since this was emptied. */
  const asked: string[] = []
  before(async () => {
    opened = await openStore('sqlite::memory:')
    const { store, memories } = opened
    const now = Date.now
    const secrets = [{ contract: 'simplejwt', secret: OLD_SECRETS.simplejwt }]
    ports = {
      store: listen(store, asked),
      memories,
      tokens: createTokens({ secret: SECRET }),
      signer: await createSigner({ store, sealing: createSealing(SECRET), issuer: 'https://auth.example.com', now }),
      legacyTokens: createLegacyTokens({ secrets, cutover: Date.now(), longestLife: 86_400_000, now }),
      audit: { record() {} },
      now,
    }
  })
  after(() => opened.store.close())

  async function count(token: string): Promise<readonly string[]> {
    asked.length = 0
    await checkAccess(ports, token, LOCAL).catch(() => {})
    const request = { accessLifetime: 60, client: LOCAL, claims: () => ({}) }
    const checked = asked.splice(0)
    await refreshAccess(ports, token, request).catch(() => {})
    return [...checked, ...asked]
  }

  it('makes nobody look anything up before its signature is proved', async () => {
    const claims = claimsOf('7')
    const junk = [
      mint(claims, 'another secret'),
      mint(claims, OLD_SECRETS.simplejwt, { alg: 'none', typ: 'JWT' }),
      mint({ ...claims, iat: Math.floor(Date.now() / 1000) + 60 }),
      mint({ ...claims, sid: fresh() }),
      'a.b.c',
      'x'.repeat(64),
      'x'.repeat(4000),
    ]
    for (const token of junk) assert.deepEqual(await count(token), [], token.slice(0, 80))
  })

  it('costs two look-ups at most where it looks like a key, whoever gave those out', async () => {
    assert.deepEqual(await count('0'.repeat(40)), ['findSessionByToken', 'findRevokedKey'])
    assert.deepEqual(await count('0'.repeat(64)), ['findLegacyKey'])
  })

  it('costs one look-up once it is known, and none that writes where it is dead', async () => {
    const accountId = await moveIn(opened.store, { legacyId: '7', source: 'simplejwt' })
    const token = mint(claimsOf('7'))
    assert.deepEqual(await count(token), ['findSessionByToken', 'adoptSession'])
    assert.deepEqual(await count(token), ['findSessionByToken'])
    await opened.store.endSessions(accountId)
    const { updatedAt } = (await opened.store.findAccount({ by: 'id', id: accountId })) ?? {}
    assert.deepEqual(await count(token), ['findSessionByToken', 'adoptSession'])
    assert.equal((await opened.store.findAccount({ by: 'id', id: accountId }))?.updatedAt, updatedAt)
  })
})

/** The same store, which notes what it is asked. */
function listen(store: Store, asked: string[]): Store {
  return new Proxy(store, {
    get(target, name, receiver) {
      asked.push(String(name))
      return Reflect.get(target, name, receiver)
    },
  })
}
