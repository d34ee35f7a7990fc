import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { runNode } from './kit/run-node.ts'

/** Names of packages and folders whose files were loaded by the time a server could start. */
const SCRIPT = `
import { registerHooks } from 'node:module'
const loaded = new Set()
registerHooks({
  load(url, context, next) {
    loaded.add(/node_modules\\/(?:.*node_modules\\/)?((?:@[^/]+\\/)?[^/]+)/.exec(url)?.[1] ?? url.split('/').slice(-2).join('/'))
    return next(url, context)
  },
})
await import(${JSON.stringify(new URL('../src/start.ts', import.meta.url).href)})
console.log(JSON.stringify([...loaded]))
`

describe('a server that starts', () => {
  it('loads nothing that only some requests need: each start, and each process, would pay for it', async () => {
    const { code, stdout, stderr } = await runNode(SCRIPT)
    assert.equal(code, 0, stderr)
    const loaded: string[] = JSON.parse(stdout)
    assert.ok(loaded.includes('fastify') && loaded.includes('api/api.ts'))
    const late = ['typebox', 'pg', 'nodemailer', 'api/register.ts', 'api/sign-in.ts', 'openapi/write-document.ts']
    assert.deepEqual(
      late.filter((name) => loaded.includes(name)),
      [],
    )
  })
})
