import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { importEveryFile } from './import-every-file.ts'
import { makeTree } from './made-up-tree.ts'
import { describe } from './violations.ts'

const GOOD = {
  'package.json': '{ "type": "module" }',
  'server/src/main.ts': "throw new Error('main.ts acts, and is not imported')\n",
  'server/src/core/core.ts': "import { two } from './two.ts'\nexport const four: number = two * 2\n",
  'server/src/core/two.ts': 'export const two: number = 2\n',
  'server/src/core/core.test.ts': "throw new Error('a test acts, and is not imported')\n",
  'server/src/store/store.suite.ts': "throw new Error('so does a suite')\n",
}

test('a tree in which nothing acts when imported passes', (context) => {
  assert.deepEqual(importEveryFile(makeTree(context, GOOD)), {
    violations: [],
    checked: '2 files do nothing when imported',
  })
})

test('a file that throws is named, and the others are still imported', (context) => {
  assert.deepEqual(check(context, { 'a.ts': "throw new Error('no')", 'b.ts': "console.log('hello')" }), [
    'server/src/a.ts:1: throws when imported: no; ' +
      'nothing acts when imported but main.ts, so that tests can build the same thing from other parts; ' +
      'move it into a function that start.ts calls',
    'server/src/b.ts:1: prints when imported: "hello\\n"; ' +
      'nothing acts when imported but main.ts, so that tests can build the same thing from other parts; ' +
      'move it into a function that start.ts calls',
  ])
})

test('a file that needs a setting from the environment fails, because it gets none', (context) => {
  const found = check(context, { 'a.ts': "if (!process.env['PATH']) throw new Error('no PATH')" })
  assert.match(found.join(), /throws when imported: no PATH/)
})

test('printing is seen on both streams, later, and around the streams', (context) => {
  assert.match(check(context, { 'a.ts': "console.error('late')" }).join(), /prints when imported: "late\\n"/)
  assert.match(check(context, { 'a.ts': "setImmediate(() => console.log('late'))" }).join(), /prints when imported/)
  const around = "import { writeSync } from 'node:fs'\nwriteSync(1, 'around')\n"
  assert.match(check(context, { 'a.ts': around }).join(), /this or a later file printed "around"/)
})

test('a file that keeps the process alive is named, with what does', (context) => {
  const found = check(context, { 'a.ts': '', 'b.ts': 'setInterval(() => {}, 1000)', 'c.ts': '' })
  assert.match(found.join(), /^server\/src\/b\.ts:1: keeps the process alive: Timeout;/)
})

test('a file that ends the process, or never finishes loading, is named', (context) => {
  for (const text of ['process.exit(0)', 'await new Promise(() => {})']) {
    const found = check(context, { 'a.ts': '', 'b.ts': text, 'c.ts': '' })
    assert.match(found.join(), /^server\/src\/b\.ts:1: ended the process, or never finished loading;[^,]*,[^,]*$/)
  }
})

test('a file that writes into the working directory is named', (context) => {
  const text = "import { writeFileSync } from 'node:fs'\nwriteFileSync('latchkey.db', '')\n"
  const found = check(context, { 'a.ts': '', 'b.ts': text })
  assert.match(found.join(), /^server\/src\/b\.ts:1: leaves files in the working directory: latchkey\.db;[^,]*,[^,]*$/)
})

function check(context: TestContext, files: Readonly<Record<string, string>>): string[] {
  const placed = Object.entries(files).map(([file, text]) => [`server/src/${file}`, text])
  const root = makeTree(context, { 'package.json': '{ "type": "module" }', ...Object.fromEntries(placed) })
  return importEveryFile(root).violations.map(describe)
}
