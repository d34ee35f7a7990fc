import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  type ClientEvent,
  createSimpleJwtClient,
  localStorageStorage,
  memoryStorage,
  type TokenStorage,
} from '../src/index.ts'

const URL = 'http://127.0.0.1:1'

describe('a storage', () => {
  const storages: Readonly<Record<string, () => TokenStorage>> = {
    memoryStorage,
    localStorageStorage: () => localStorageStorage('tokens', openPage().tab()),
    'one that answers by promises': () => {
      const inner = memoryStorage()
      return {
        get: async () => inner.get(),
        set: async (text) => inner.set(text),
        remove: async () => inner.remove(),
      }
    },
  }

  for (const [name, make] of Object.entries(storages)) {
    it(`keeps a sign-in for the next client, and nothing after the logout: ${name}`, async () => {
      const storage = make()
      const first = createSimpleJwtClient({ url: URL, storage })
      assert.equal(await first.restore(), false)
      await first.adopt({ access: 'abc', refresh: 'def' })
      const second = createSimpleJwtClient({ url: URL, storage })
      assert.equal(await second.restore(), true)
      await assert.rejects(second.logout(), { name: 'ConnectionError' })
      assert.equal(await storage.get(), null)
      assert.equal(await first.restore(), false)
    })
  }

  it('that holds anything but tokens holds nothing', async () => {
    const ours = ['{"access":"a"}', '{"id":1,"access":"a"}', '{"id":"a"}', '{"id":"a","access":""}']
    // No header holds these: each request would fail, and show the token in its error.
    const unsendable = ['a\nb', '€', 'a b'].map((access) => JSON.stringify({ id: 'a', access }))
    for (const text of ['', 'x', 'null', '[]', '7', ...ours, ...unsendable]) {
      const client = createSimpleJwtClient({ url: URL, storage: { ...memoryStorage(), get: () => text } })
      assert.equal(await client.restore(), false, text)
    }
  })

  it('is never given what can be no token', async () => {
    const storage = memoryStorage()
    const client = createSimpleJwtClient({ url: URL, storage })
    for (const access of ['', 'a\nb']) await assert.rejects(client.adopt({ access }), TypeError)
    assert.equal(await storage.get(), null)
  })

  it('that fails is heard of by whoever asked', async () => {
    const storage: TokenStorage = {
      ...memoryStorage(),
      set: () => {
        throw new RangeError('The quota has been exceeded.')
      },
    }
    await assert.rejects(createSimpleJwtClient({ url: URL, storage }).adopt({ access: 'abc' }), RangeError)
  })
})

describe('localStorageStorage', () => {
  it('is refused where there is none', () => {
    assert.throws(() => localStorageStorage(), TypeError)
  })

  it('tells a tab when another signs in and out, until the client is closed', async () => {
    const page = openPage()
    const open = () => {
      const events: ClientEvent[] = []
      const client = createSimpleJwtClient({ url: URL, storage: localStorageStorage('tokens', page.tab()) })
      client.subscribe((event) => events.push(event))
      return { client, events }
    }
    const [first, second] = [open(), open()]
    await first.client.adopt({ access: 'abc' })
    await page.settled()
    assert.deepEqual(second.events, [{ type: 'signed-in' }])
    await assert.rejects(first.client.logout(), { name: 'ConnectionError' })
    await page.settled()
    assert.deepEqual(second.events.at(-1), { type: 'signed-out', reason: 'elsewhere' })
    second.client.close()
    await first.client.adopt({ access: 'abc' })
    await page.settled()
    assert.equal(second.events.length, 2)
  })

  it('has one sign-in for each key', async () => {
    const page = openPage()
    const open = (key: string) => createSimpleJwtClient({ url: URL, storage: localStorageStorage(key, page.tab()) })
    await open('one').adopt({ access: 'abc' })
    assert.equal(await open('one').restore(), true)
    assert.equal(await open('other').restore(), false)
  })
})

type Change = { readonly key: string | null; readonly oldValue: string | null }

/** What the tabs of one origin share, as browsers have it: a tab hears of what the others change. */
function openPage() {
  const kept = new Map<string, string>()
  const tabs = new Set<Set<(event: Change) => void>>()
  return {
    settled: () => new Promise((resolve) => setTimeout(resolve)),
    tab() {
      const listeners = new Set<(event: Change) => void>()
      tabs.add(listeners)
      const change = (key: string, text: string | null) => {
        const oldValue = kept.get(key) ?? null
        if (text === null) kept.delete(key)
        else kept.set(key, text)
        for (const others of tabs) {
          if (others !== listeners) for (const listener of others) listener({ key, oldValue })
        }
      }
      return {
        localStorage: {
          getItem: (key: string) => kept.get(key) ?? null,
          setItem: change,
          removeItem: (key: string) => change(key, null),
        },
        addEventListener: (_type: string, listener: (event: Change) => void) => listeners.add(listener),
        removeEventListener: (_type: string, listener: (event: Change) => void) => listeners.delete(listener),
      }
    },
  }
}
