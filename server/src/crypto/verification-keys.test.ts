import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { exportJWK, generateKeyPair } from 'jose'
import type { StoredKey } from '../core/ports.ts'
import { createVerificationKeys } from './verification-keys.ts'

describe('verification keys', () => {
  it('has a key one second after it was added, however long a look takes that began before', async () => {
    const key = await makeKey('added')
    let time = 0
    const database: StoredKey[] = []
    const answers: (() => void)[] = []
    const load = () => {
      const read = [...database]
      return new Promise<readonly StoredKey[]>((resolve) => answers.push(() => resolve(read)))
    }
    const keys = await createVerificationKeys([], { load, now: () => time })

    const early = keys.find('added')
    database.push(key)
    time = 999
    const joined = keys.find('added')
    assert.equal(answers.length, 1)
    time = 1000
    const late = keys.find('added')
    assert.equal(answers.length, 2)
    answers[1]?.()
    assert.notEqual(await late, null)
    answers[0]?.()
    assert.deepEqual([await early, await joined], [null, null])
    assert.notEqual(await keys.find('added'), null)
    assert.equal(answers.length, 2)
  })

  it('counts the second from when a look begins', async () => {
    let time = 0
    let looks = 0
    const load = async () => {
      looks++
      time += 500
      return []
    }
    const keys = await createVerificationKeys([], { load, now: () => time })
    await keys.find('unknown')
    time = 999
    await keys.find('unknown')
    assert.equal(looks, 1)
    time = 1000
    await keys.find('unknown')
    assert.equal(looks, 2)
  })

  it('looks again at once for whoever asks after a look that failed', async () => {
    const key = await makeKey('added')
    let looks = 0
    const load = async () => {
      if (looks++ === 0) throw new Error('The database is away.')
      return [key]
    }
    const keys = await createVerificationKeys([], { load, now: () => 0 })
    await assert.rejects(Promise.all([keys.find('added'), keys.find('added')]), /is away/)
    assert.equal(looks, 1)
    assert.notEqual(await keys.find('added'), null)
    assert.equal(looks, 2)
  })
})

async function makeKey(kid: string): Promise<StoredKey> {
  const { publicKey } = await generateKeyPair('ES256')
  const publicJwk = JSON.stringify(await exportJWK(publicKey))
  return { kid, algorithm: 'ES256', publicJwk, sealedPrivateJwk: '', createdAt: 0 }
}
