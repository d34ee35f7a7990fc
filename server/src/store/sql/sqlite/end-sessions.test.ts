import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { moveIn } from '../../../../test/kit/legacy-tokens.ts'
import { NOW } from '../../../../test/kit/new-rows.ts'
import { makeDirectory } from '../../../../test/kit/server-process.ts'
import { toLegacySessionId } from '../../../core/legacy-session-id.ts'
import { openStore } from '../../open.ts'
import { endSessionsOf } from './end-sessions.ts'

describe('endSessionsOf', () => {
  it('takes no token of a back end before any more: which of them were ended since the backup nobody knows', async () => {
    const path = join(makeDirectory(), 'latchkey.db')
    const { store } = await openStore(`sqlite:${path}`)
    const accountId = await moveIn(store, { legacyId: '7' })
    const token = (tokenHash: string) => ({
      ...{ id: toLegacySessionId(tokenHash), legacyId: '7', contract: 'drf-jwt' },
      ...{ source: 'drf-jwt', otherSource: 'default' },
      ...{ tokenHash, createdAt: NOW, expiresAt: NOW + 1000, network: null, userAgent: '' },
      kind: 'jwt' as const,
    })
    const [seen, unseen] = ['a'.repeat(64), 'b'.repeat(64)].map(token)
    assert.ok(seen !== undefined && unseen !== undefined)
    assert.ok('stored' in (await store.adoptSession(seen)))
    await store.close()

    assert.deepEqual(endSessionsOf(path), { sessions: 1, oneTimeTokens: 0 })
    const { store: restored } = await openStore(`sqlite:${path}`)
    for (const each of [seen, unseen]) {
      assert.deepEqual(await restored.adoptSession(each), { refused: 'revoked', accountId })
    }
    await restored.close()
  })

  it('does as well with a database from before there were such tokens', () => {
    const path = join(makeDirectory(), 'old.db')
    const database = new DatabaseSync(path)
    database.exec(
      'create table accounts (id integer); create table sessions (id text); insert into sessions values (1)',
    )
    database.close()
    assert.deepEqual(endSessionsOf(path), { sessions: 1, oneTimeTokens: 0 })
    assert.deepEqual(endSessionsOf(path), { sessions: 0, oneTimeTokens: 0 })
  })
})
