import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readConfig } from '../start.ts'
import { writeBanner } from './serve.ts'

describe('the start banner', () => {
  const server = { url: 'http://127.0.0.1:8000', mounted: ['drf-token  /api/users/login/'] }

  it('says where it listens, what is mounted, and which database it is', () => {
    const banner = writeBanner(readConfig({ DATABASE_URL: 'sqlite:/tmp/some.db' }), server)
    for (const words of ['http://127.0.0.1:8000', 'drf-token  /api/users/login/', 'sqlite:/tmp/some.db']) {
      assert.ok(banner.includes(words), words)
    }
    assert.ok(!banner.includes('Warning') && !banner.includes('installed'))
    assert.ok(banner.includes('npm run latchkey -- doctor'))
  })

  it('warns when limits are off', () => {
    assert.match(writeBanner(readConfig({ LATCHKEY_LIMITS: 'off' }), server), /Warning +LATCHKEY_LIMITS=off/)
  })
})
