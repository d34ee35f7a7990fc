import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { StoredKey } from '../core/ports.ts'
import type { SigningAlgorithm } from '../core/signing-key.ts'
import { createKeyring } from './keyring.ts'
import { createKeyMaker } from './make-key.ts'
import { createSealing } from './sealing.ts'

const FORGED = 'A'.repeat(43)

describe('a keyring', () => {
  it('reads the keys again when they are half a second old and asked for, once for all who ask', async () => {
    const { keyring, turn, looks } = await open()
    turn(499)
    await Promise.all([keyring.current(), keyring.current()])
    assert.equal(looks(), 1)
    turn(500)
    assert.equal((await keyring.current()).readAt, 0)
    await Promise.all([keyring.current(), keyring.current()])
    assert.equal(looks(), 2)
    assert.equal((await keyring.current()).readAt, 500)
  })

  it('gives nothing out that is a second old', async () => {
    const { keyring, turn, database } = await open()
    const key = await makeKey()
    database.push(key)
    turn(1000)
    const { readAt, held } = await keyring.current()
    assert.equal(readAt, 1000)
    assert.ok(held.has(key.kid))
    database.length = 0
    turn(2000)
    assert.equal((await keyring.current()).held.size, 0)
  })

  it('finds a key that was added just now, whenever it looked last', async () => {
    const { keyring, turn, database } = await open()
    turn(100)
    assert.equal(await keyring.find(FORGED), null)
    const key = await makeKey()
    database.push(key)
    turn(101)
    assert.equal((await keyring.find(key.kid))?.stored, key)
  })

  it('begins a look for unknown keys four times a second at most, which answers all who wait', async () => {
    const { keyring, turn, looks, pauses } = await open()
    turn(100)
    const forged = Array.from({ length: 50 }, (_, index) => String(index).padStart(43, 'x'))
    const found = await Promise.all(forged.map((kid) => keyring.find(kid)))
    assert.ok(found.every((key) => key === null))
    assert.equal(looks(), 2)
    assert.deepEqual(pauses, [150])
  })

  it('asks nothing more about a name that it has looked for, or that no key of ours can have', async () => {
    const { keyring, looks } = await open()
    await keyring.find(FORGED)
    const before = looks()
    for (const kid of [FORGED, '', 'x', '../../dev/null', '__proto__', 'A'.repeat(44), `${'A'.repeat(42)}.`]) {
      assert.equal(await keyring.find(kid), null)
    }
    assert.equal(looks(), before)
  })

  it('lets so many wait and no more: who comes on top of them is told at once to come again', async () => {
    const held = Promise.withResolvers<void>()
    const { keyring, looks } = await open({ pause: () => held.promise })
    const waiting = Array.from({ length: 500 }, (_, index) => keyring.find(String(index).padStart(43, 'x')))
    await assert.rejects(keyring.find(FORGED), { code: 'overloaded' })
    assert.equal(looks(), 1)
    held.resolve()
    await Promise.all(waiting)
    assert.equal(looks(), 2)
  })

  it('does not take a key for unknown because the database could not be asked', async () => {
    const { keyring, database, fail, turn } = await open()
    const key = await makeKey()
    fail(true)
    await assert.rejects(keyring.find(key.kid), /is away/)
    turn(1000)
    await assert.rejects(keyring.current(), /is away/)
    database.push(key)
    fail(false)
    assert.equal((await keyring.find(key.kid))?.stored, key)
  })

  it('goes on with what it has for a second when the database is away', async () => {
    const { keyring, database, fail, turn } = await open()
    const key = await makeKey()
    database.push(key)
    turn(1000)
    await keyring.current()
    fail(true)
    turn(1999)
    assert.ok((await keyring.current()).held.has(key.kid))
  })

  it('keeps what was read last, also when a look that began before comes back after it', async () => {
    const answers: (() => void)[] = []
    let time = 0
    let isFirst = true
    const load = () => {
      if (isFirst) {
        isFirst = false
        return Promise.resolve([])
      }
      return new Promise<readonly StoredKey[]>((resolve) => answers.push(() => resolve([])))
    }
    const keyring = await createKeyring({ load, elapsed: () => time })
    time = 1000
    const slow = keyring.current()
    time = 2000
    const quick = keyring.current()
    answers[1]?.()
    assert.equal((await quick).readAt, 2000)
    answers[0]?.()
    assert.equal((await slow).readAt, 1000)
    assert.equal((await keyring.current()).readAt, 2000)
  })

  it('leaves a key alone that is for an algorithm it does not know', async () => {
    const { keyring, database, turn } = await open()
    const key = await makeKey('EdDSA')
    database.push({ ...key, algorithm: 'ML-DSA-65', kid: FORGED }, key)
    turn(1000)
    assert.deepEqual([...(await keyring.current()).held.keys()], [key.kid])
  })
})

/** A keyring on keys that can become more, with a clock that stands until it is turned; a pause turns it. */
async function open({ pause }: { pause?: (milliseconds: number) => Promise<void> } = {}) {
  const database: StoredKey[] = []
  const pauses: number[] = []
  let time = 0
  let looks = 0
  let isAway = false
  const keyring = await createKeyring({
    async load() {
      looks++
      if (isAway) throw new Error('The database is away.')
      return [...database]
    },
    elapsed: () => time,
    pause:
      pause ??
      (async (milliseconds) => {
        pauses.push(milliseconds)
        time += milliseconds
      }),
  })
  return {
    keyring,
    database,
    pauses,
    looks: () => looks,
    turn: (to: number) => {
      time = Math.max(time, to)
    },
    fail: (value: boolean) => {
      isAway = value
    },
  }
}

async function makeKey(algorithm: SigningAlgorithm = 'ES256'): Promise<StoredKey> {
  const sealing = createSealing('a secret')
  const key = await createKeyMaker({ sealing, algorithm }).make({ createdAt: 0, activeFrom: 0 })
  return { ...key, retiredAt: null, revokedAt: null, longestLifetime: 0 }
}
