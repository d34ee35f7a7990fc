import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { checkContracts } from './check-contracts.ts'
import { makeTree } from './made-up-tree.ts'
import { describe } from './violations.ts'

const FOLDER = 'server/src/contracts/drf-token'

const DOCUMENTED = { name: 'a right login gives a key', documented: true, request: {}, reply: {} }
const OURS = { name: 'a wrong one does not', documented: false, given: [{}], request: {}, reply: {} }

const GOOD = {
  'server/src/contracts/index.ts':
    "import { contract } from './drf-token/contract.ts'\nexport const list = [contract]\n",
  'server/src/contracts/operations.ts':
    "import { describe } from './drf-token/operations.ts'\nexport const list = [describe]\n",
  'server/src/contracts/legacy.ts': "import { legacy } from './drf-token/legacy.ts'\nexport const list = [legacy]\n",
  [`${FOLDER}/README.md`]: '# drf-token\n\n## Silences\n\nNone.\n\n## Known risks\n\n```\n## Silences\n```\n',
  [`${FOLDER}/examples.json`]: JSON.stringify({ document: '002', examples: [DOCUMENTED, OURS] }, null, 2),
  [`${FOLDER}/contract.ts`]: 'export const contract = {}\n',
  [`${FOLDER}/input.ts`]: '',
  [`${FOLDER}/output.ts`]: '',
  [`${FOLDER}/errors.ts`]: '',
  [`${FOLDER}/operations.ts`]: '',
  [`${FOLDER}/legacy.ts`]: '',
  [`${FOLDER}/contract.test.ts`]: '',
}

test('a contract with the same files as every other passes', async (context) => {
  assert.deepEqual(await checkContracts(makeTree(context, GOOD)), {
    violations: [],
    checked: '1 contract folders hold the same 9 files',
  })
})

test('a missing file is named with what it is for', async (context) => {
  const { [`${FOLDER}/errors.ts`]: _, ...files } = GOOD
  assert.equal(
    await check(context, files),
    `${FOLDER}/errors.ts:1: is missing; every contract has the same files: read one, know all; ` +
      "write it: it gives every refusal this contract's status and words",
  )
})

test('a file or folder too many is refused', async (context) => {
  for (const extra of ['helpers.ts', 'words/en.ts']) {
    const found = await check(context, { ...GOOD, [`${FOLDER}/${extra}`]: '' })
    assert.match(found, /^\S+\/(helpers\.ts|words):1: is not a file that contracts have;[^\n]+$/)
  }
})

test('a README without a section, or with an empty one, is refused', async (context) => {
  const fenced = '# x\n\n```\n## Known risks\n```\n\n## Silences\n\nNone.\n'
  assert.match(await checkWith(context, 'README.md', fenced), /README\.md:1: has no section ## Known risks;/)
  const empty = '# x\n\n## Silences\n\n## Known risks\n\nNone.\n'
  assert.match(await checkWith(context, 'README.md', empty), /README\.md:3: ## Silences is empty;/)
})

test('examples that are not JSON, or not of the one shape, are refused', async (context) => {
  assert.match(await checkWith(context, 'examples.json', '{'), /examples\.json:1: is not JSON/)
  assert.match(await checkWith(context, 'examples.json', '[]'), /is not \{ "document"/)
  assert.match(await checkWith(context, 'examples.json', '{ "document": "002" }'), /is not \{ "document"/)
  assert.match(await checkExamples(context, ['text']), /example 1 is not an object/)
  assert.match(await checkExamples(context, [{ ...DOCUMENTED, name: '' }]), /example 1 has no name/)
  assert.match(
    await checkExamples(context, [DOCUMENTED, { ...OURS, documented: 'no' }]),
    /does not say whether it is documented/,
  )
  assert.match(await checkExamples(context, [{ ...DOCUMENTED, given: {} }]), /has a given that is no list of requests/)
  assert.match(await checkExamples(context, [{ ...DOCUMENTED, request: 'GET /' }]), /has no request/)
  assert.match(await checkExamples(context, [{ ...DOCUMENTED, reply: [] }]), /has no reply/)
  assert.match(await checkExamples(context, [{ ...DOCUMENTED, givn: [] }]), /has the unknown key givn/)
  assert.match(await checkExamples(context, [DOCUMENTED, DOCUMENTED]), /is there twice/)
})

test('documented examples come first, and there is at least one', async (context) => {
  assert.match(
    await checkExamples(context, [OURS, DOCUMENTED]),
    /^\S+examples\.json:\d+: example "a right login gives a key" is documented but comes after one that is not;/,
  )
  assert.match(await checkExamples(context, [OURS]), /has no documented example/)
  assert.match(await checkExamples(context, []), /has no documented example/)
})

test('a contract that the list does not import is refused', async (context) => {
  const index = 'server/src/contracts/index.ts'
  assert.match(await check(context, { ...GOOD, [index]: '' }), /^\S+index\.ts:1: does not list drf-token;/)
  assert.match(await check(context, { ...GOOD, [index]: "// './drf-token/contract.ts'\n" }), /does not list drf-token/)
  const { 'server/src/contracts/index.ts': _, ...files } = GOOD
  assert.match(await check(context, files), /^\S+index\.ts:1: is missing;/)
})

test('a contract that the reference does not list is refused', async (context) => {
  const list = 'server/src/contracts/operations.ts'
  assert.match(await check(context, { ...GOOD, [list]: '' }), /^\S+operations\.ts:1: does not list drf-token;/)
  const { [list]: _, ...files } = GOOD
  assert.match(await check(context, files), /^\S+operations\.ts:1: is missing;/)
})

async function check(context: TestContext, files: Readonly<Record<string, string>>): Promise<string> {
  const { violations } = await checkContracts(makeTree(context, files))
  return violations.map(describe).join('\n')
}

async function checkWith(context: TestContext, file: string, text: string): Promise<string> {
  return check(context, { ...GOOD, [`${FOLDER}/${file}`]: text })
}

async function checkExamples(context: TestContext, examples: readonly unknown[]): Promise<string> {
  return checkWith(context, 'examples.json', JSON.stringify({ document: '002', examples }, null, 2))
}
