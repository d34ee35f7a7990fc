import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { makeDirectory } from '../../../server/test/kit/server-process.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const README = 'packages/verify/README.md'
const GUIDE = 'docs/verify.md'
const EXAMPLES = ['django', 'express', 'fastify', 'hono'].map((name) => `examples/${name}/README.md`)

describe('the documents of the verifier', () => {
  it('show programs that compile', async () => {
    const blocks = [...read(README).matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = '']) => code)
    assert.ok(blocks.length >= 5, 'the README lost its programs')
    const folder = makeDirectory()
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    const files = blocks.map((code, index) => {
      writeFileSync(join(folder, `${index}.ts`), code)
      return `${index}.ts`
    })
    const how = ['--noEmit', '--strict', '--skipLibCheck', '--allowImportingTsExtensions', '--types', 'node']
    const where = ['--module', 'nodenext', '--target', 'es2023', '--customConditions', 'latchkey-source']
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
    await promisify(execFile)(process.execPath, [tsc, ...how, ...where, ...files], { cwd: folder }).catch((error) =>
      assert.fail(`${error.stdout}`),
    )
  })

  it('name every code that there is, and no other', () => {
    const source = read('packages/verify/src/token-error.ts')
    const codes = [...source.matchAll(/^ {2}\| '(\w+)'/gm)].map(([, code]) => code)
    assert.equal(codes.length, 10)
    const table = read(README).slice(read(README).indexOf('| Code | Status |'))
    const named = [...table.matchAll(/^\| (`.*?`) \| (?:401|503)/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`(\w+)`/g)].map(([, code]) => code),
    )
    assert.deepEqual(named.sort(), codes.sort())
  })

  it('show the Django settings that are tested', () => {
    const tested = read('examples/django/settings.py')
    const blocks = [...read(GUIDE).matchAll(/```python\n([\s\S]*?)```/g)].map(([, code = '']) => code)
    assert.equal(blocks.length, 1)
    for (const part of blocks.join('').split(/\n\n(?=\w)/)) assert.ok(tested.includes(part.trim()), part)
  })

  it('name settings that there are, and files that there are', () => {
    const settings = readdirSync(join(ROOT, 'server/src/config'))
      .filter((file) => file.endsWith('.ts'))
      .map((file) => read(`server/src/config/${file}`))
      .join('\n')
    for (const document of [README, GUIDE, ...EXAMPLES]) {
      const text = read(document)
      for (const [name] of text.matchAll(/(?<=`)LATCHKEY_\w+(?=`)/g)) assert.ok(settings.includes(`'${name}'`), name)
      for (const [, target = ''] of text.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)) {
        if (target.startsWith('https:')) continue
        assert.ok(existsSync(join(ROOT, dirname(document), target)), `${document}: ${target} is not there`)
      }
    }
  })
})

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}
