import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { openStore } from '../src/store/open.ts'
import { storeSuite } from '../src/store/store.suite.ts'
import { makeDirectory } from './kit/server-process.ts'
import { openStoreInProcess } from './kit/store-process.ts'

const newFile = () => `sqlite:${join(makeDirectory(), 'latchkey.db')}`

const shared = newFile()
let isFirst = true
await storeSuite('an SQLite file that two processes have open', {
  open: async () => {
    const url = isFirst ? shared : newFile()
    isFirst = false
    return openStore(url)
  },
  openAgain: async () => ({ store: await openStoreInProcess(shared) }),
  racesOnBoth: true,
})

describe('the store of another process', () => {
  it('is on the same file, refuses with the same codes as one’s own, and once it is closed answers nothing', async () => {
    const file = newFile()
    const { store } = await openStore(file)
    const other = await openStoreInProcess(file)
    await other.writeNote('from', 'there')
    assert.equal(await store.readNote('from'), 'there')
    await store.close()

    const holder = new DatabaseSync(file.slice('sqlite:'.length))
    holder.exec('begin immediate')
    await assert.rejects(other.writeNote('from', 'here'), { name: 'AuthError', code: 'overloaded', retryAfter: 2 })
    holder.close()
    assert.equal(await other.readNote('from'), 'there')
    await other.close()
    await assert.rejects(other.readNote('from'))
  })
})
