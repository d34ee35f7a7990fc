import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { makeTree } from './made-up-tree.ts'
import { readSyntax, type Syntax } from './read-syntax.ts'

test('every way to import is seen, with its line', async (context) => {
  const { imports } = await read(
    context,
    `import 'a'
import type { B } from 'b'
import c, * as all from "c"
export * from 'd'
export type { E } from 'e'
const f = await import('f')
const g = await import(\`g\`)
type H = import('h').H
const i = await import(name)
export const j = 1
`,
  )
  assert.deepEqual(
    imports.map(({ specifier, line }) => `${line} ${specifier}`),
    ['1 a', '2 b', '3 c', '4 d', '5 e', '6 f', '7 g', '8 h', '9 null'],
  )
})

test('an import in a comment, a string, a template or a regular expression is none', async (context) => {
  const { imports } = await read(
    context,
    `// import 'a'
/* import 'b' */
const text = "import 'c'" + \`import 'd' \${1}\`
const expression = /import 'e'/
`,
  )
  assert.deepEqual(imports, [])
})

test('a name that is used is a reference; a property, a declaration or a type of that name is not', async (context) => {
  const { references } = await read(
    context,
    `const a = Date.now()
const b = { Date: 1 }
b.Date
type C = Date
type D = { Date: number }
const e = { Date }
new Date()
`,
  )
  assert.deepEqual(
    references.filter(({ name }) => name === 'Date'),
    [
      { name: 'Date', member: 'now', line: 1 },
      { name: 'Date', member: null, line: 6 },
      { name: 'Date', member: null, line: 7 },
    ],
  )
})

async function read(context: TestContext, text: string): Promise<Syntax> {
  const syntax = (await readSyntax(makeTree(context, { 'file.ts': text }), ['file.ts'])).get('file.ts')
  assert.ok(syntax)
  return syntax
}
