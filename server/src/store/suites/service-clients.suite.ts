import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { NOW } from '../../../test/kit/new-rows.ts'
import { fresh, type Stores } from '../../../test/kit/stores.ts'

/** Services that may ask about tokens: who has which name, and which secrets are theirs. */
export function serviceClientSuite({ store, other, race }: Stores): void {
  function newClient(change: { id?: string; name?: string; mayRevoke?: boolean } = {}) {
    return { id: fresh(), name: fresh(), mayRevoke: false, secretHash: fresh(), createdAt: NOW, ...change }
  }
  const find = (id: string) => other.findServiceClient({ by: 'id', id })

  describe('a service client', () => {
    it('is found by its id and by its name, with its secret’s hash, and in the list', async () => {
      const client = newClient({ mayRevoke: true })
      assert.equal(await store.addServiceClient(client), true)
      const { secretHash, ...rest } = client
      const shown = { ...rest, rotatedAt: null, previousUntil: null }
      const expected = { client: shown, secretHash, previousSecretHash: null }
      assert.deepEqual(await find(client.id), expected)
      assert.deepEqual(await other.findServiceClient({ by: 'name', name: client.name }), expected)
      assert.deepEqual(
        (await other.listServiceClients()).filter(({ id }) => id === client.id),
        [shown],
      )
      assert.equal(await find(fresh()), null)
      assert.equal(await other.findServiceClient({ by: 'name', name: client.id }), null)
    })

    it('has a name of its own: of 16 concurrent callers one gets it', async () => {
      const name = fresh()
      const added = await race(16, (store) => store.addServiceClient(newClient({ name })))
      assert.equal(added.filter(Boolean).length, 1)
      assert.equal((await store.listServiceClients()).filter((client) => client.name === name).length, 1)
    })

    it('is listed by name', async () => {
      const names = (await store.listServiceClients()).map(({ name }) => name)
      assert.ok(names.length > 1)
      assert.deepEqual(names, names.toSorted())
    })

    it('keeps the secret before as long as it is told to, and only that one', async () => {
      const client = newClient()
      await store.addServiceClient(client)
      const { id } = client
      const until = NOW + 1000
      const rotated = await store.replaceServiceSecret({ id, secretHash: 'second', previousUntil: until, now: NOW + 5 })
      assert.partialDeepStrictEqual(rotated, { id, rotatedAt: NOW + 5, previousUntil: until })
      assert.partialDeepStrictEqual(await find(id), {
        secretHash: 'second',
        previousSecretHash: client.secretHash,
        client: { rotatedAt: NOW + 5, previousUntil: until },
      })
      await store.replaceServiceSecret({ id, secretHash: 'third', previousUntil: until + 1, now: NOW })
      assert.partialDeepStrictEqual(await find(id), { secretHash: 'third', previousSecretHash: 'second' })
      const last = await store.replaceServiceSecret({ id, secretHash: 'fourth', previousUntil: null, now: NOW })
      assert.equal(last?.previousUntil, null)
      assert.partialDeepStrictEqual(await find(id), { secretHash: 'fourth', previousSecretHash: null })
      const nobody = { id: fresh(), secretHash: 'x', previousUntil: null, now: NOW }
      assert.equal(await store.replaceServiceSecret(nobody), null)
    })

    it('has after concurrent rotations the secrets of the last two', async () => {
      const client = newClient()
      await store.addServiceClient(client)
      const { id } = client
      await race(8, (store, index) =>
        store.replaceServiceSecret({ id, secretHash: `secret ${index}`, previousUntil: NOW + 1000, now: NOW }),
      )
      const stored = await find(id)
      assert.match(stored?.secretHash ?? '', /^secret \d$/)
      assert.match(stored?.previousSecretHash ?? '', /^secret \d$/)
      assert.notEqual(stored?.secretHash, stored?.previousSecretHash)
    })

    it('is deleted once, of 16 concurrent callers, and its name is free again', async () => {
      const client = newClient()
      await store.addServiceClient(client)
      const deleted = await race(16, (store) => store.deleteServiceClient(client.id))
      assert.equal(deleted.filter(Boolean).length, 1)
      assert.equal(await find(client.id), null)
      assert.equal(await store.addServiceClient(newClient({ name: client.name })), true)
    })
  })
}
