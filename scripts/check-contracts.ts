import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readSyntax } from './read-syntax.ts'
import { report, type Verdict, type Violation } from './violations.ts'

const CONTRACTS = 'server/src/contracts'

/** The files of every contract, no more and no fewer, and what each is for. */
const FILES: Readonly<Record<string, string>> = {
  'README.md': 'says what is promised',
  'examples.json': 'holds the requests and replies of the document',
  'contract.ts': 'holds names, paths and routes',
  'input.ts': "turns this contract's bodies into core's input",
  'output.ts': "turns core's results into this contract's JSON",
  'errors.ts': "gives every refusal this contract's status and words",
  'operations.ts': 'says what the reference says of each operation',
  'legacy.ts': 'says how an old server of this contract is asked for a login',
  'contract.test.ts': 'tests what examples cannot say',
}

/** The sections of every README, and why they are there. */
const SECTIONS: Readonly<Record<string, string>> = {
  '## Silences': 'the next reader will ask what was chosen where the document says nothing',
  '## Known risks': 'whoever mounts a contract must know what it costs',
}

const EXAMPLE_KEYS = ['name', 'documented', 'given', 'request', 'reply']

/** Holds every contract folder against the one shape that they share. */
export async function checkContracts(root: string): Promise<Verdict> {
  const entries = readdirSync(join(root, CONTRACTS), { withFileTypes: true })
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  const folders = names.sort().flatMap((name) => checkFolder(root, `${CONTRACTS}/${name}`))
  const violations = [...folders, ...(await checkLists(root, names))]
  return { violations, checked: `${names.length} contract folders hold the same ${Object.keys(FILES).length} files` }
}

function checkFolder(root: string, folder: string): Violation[] {
  const present = readdirSync(join(root, folder))
  const missing = Object.entries(FILES).filter(([file]) => !present.includes(file))
  const extra = present.filter((file) => !(file in FILES)).sort()
  return [
    ...missing.map(([file, purpose]) => ({
      file: `${folder}/${file}`,
      line: 1,
      what: 'is missing',
      why: 'every contract has the same files: read one, know all',
      fix: `write it: it ${purpose}`,
    })),
    ...extra.map((file) => ({
      file: `${folder}/${file}`,
      line: 1,
      what: 'is not a file that contracts have',
      why: 'every contract has the same files: read one, know all',
      fix: `move what it holds into one of ${Object.keys(FILES).join(', ')}, or into manners, http or core`,
    })),
    ...(present.includes('README.md') ? checkReadme(root, `${folder}/README.md`) : []),
    ...(present.includes('examples.json') ? checkExamples(root, `${folder}/examples.json`) : []),
  ]
}

function checkReadme(root: string, file: string): Violation[] {
  const text = readFileSync(join(root, file), 'utf8').replaceAll('\r\n', '\n')
  const lines = text.replaceAll(/^(`{3,})[\s\S]*?^\1/gm, (block) => block.replaceAll(/[^\n]+/g, '…')).split('\n')
  return Object.entries(SECTIONS).flatMap(([heading, why]) => {
    const start = lines.findIndex((line) => line.trimEnd() === heading)
    if (start === -1) {
      return [{ file, line: 1, what: `has no section ${heading}`, why, fix: 'write it; if there is nothing, say so' }]
    }
    const end = lines.findIndex((line, index) => index > start && /^##? /.test(line))
    const body = lines.slice(start + 1, end === -1 ? undefined : end)
    if (body.some((line) => line.trim() !== '')) return []
    return [{ file, line: start + 1, what: `${heading} is empty`, why, fix: 'fill it; if there is nothing, say so' }]
  })
}

function checkExamples(root: string, file: string): Violation[] {
  const text = readFileSync(join(root, file), 'utf8')
  const why = 'examples are run as tests, shown in the docs and replayed by the client'
  const violation = (line: number, what: string, fix: string): Violation => ({ file, line, what, why, fix })

  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (error) {
    return [violation(1, `is not JSON: ${error instanceof Error ? error.message : error}`, 'mend the syntax')]
  }
  if (!isObject(parsed) || !isText(parsed.document) || !Array.isArray(parsed.examples)) {
    return [violation(1, 'is not { "document": "…", "examples": […] }', 'give it these two keys')]
  }
  const examples: readonly unknown[] = parsed.examples
  const names = new Set<string>()
  let undocumentedSeen = false
  let documentedSeen = false
  const violations = Object.keys(parsed)
    .filter((key) => key !== 'document' && key !== 'examples')
    .map((key) => violation(lineOf(text, key), `has the unknown key ${key}`, 'remove it: nobody reads it'))
  for (const [index, example] of examples.entries()) {
    const name = isObject(example) && isText(example.name) ? example.name : null
    const label = name === null ? `example ${index + 1}` : `example "${name}"`
    const line = name === null ? 1 : lineOf(text, name)
    for (const what of findExampleProblems(example)) {
      violations.push(
        violation(line, `${label} ${what}`, `give it exactly ${EXAMPLE_KEYS.join(', ')}; given may be absent`),
      )
    }
    if (name !== null && names.has(name)) {
      violations.push(violation(line, `${label} is there twice`, 'give each example a name of its own'))
    }
    if (name !== null) names.add(name)
    const documented = isObject(example) && example.documented === true
    if (documented && undocumentedSeen) {
      violations.push(violation(line, `${label} is documented but comes after one that is not`, 'move it up'))
    }
    if (documented) documentedSeen = true
    else undocumentedSeen = true
  }
  if (!documentedSeen)
    violations.push(violation(1, 'has no documented example', 'copy those of the document, to the letter'))
  return violations
}

function findExampleProblems(example: unknown): string[] {
  if (!isObject(example)) return ['is not an object']
  const unknown = Object.keys(example).filter((key) => !EXAMPLE_KEYS.includes(key))
  const { given } = example
  return [
    ...unknown.map((key) => `has the unknown key ${key}`),
    ...(isText(example.name) ? [] : ['has no name']),
    ...(typeof example.documented === 'boolean' ? [] : ['does not say whether it is documented']),
    ...(given === undefined || (Array.isArray(given) && given.every(isObject))
      ? []
      : ['has a given that is no list of requests']),
    ...(isObject(example.request) ? [] : ['has no request']),
    ...(isObject(example.reply) ? [] : ['has no reply']),
  ]
}

/** Lists of all contracts, the file of each contract that they import, and why. */
const LISTS = [
  { list: 'index.ts', member: 'contract.ts', why: 'a contract that is not on the list is never mounted' },
  { list: 'operations.ts', member: 'operations.ts', why: 'a contract that is not on the list is not in the reference' },
  { list: 'legacy.ts', member: 'legacy.ts', why: 'a contract that is not on the list has nobody moved in at a login' },
]

async function checkLists(root: string, names: readonly string[]): Promise<Violation[]> {
  const present = readdirSync(join(root, CONTRACTS))
  const found = LISTS.map(async ({ list, member, why }): Promise<Violation[]> => {
    const file = `${CONTRACTS}/${list}`
    if (!present.includes(list)) {
      return [{ file, line: 1, what: 'is missing', why, fix: 'write it: one line a contract' }]
    }
    const syntax = await readSyntax(root, [file])
    const imported = syntax.get(file)?.imports.map(({ specifier }) => specifier) ?? []
    return names
      .filter((name) => !imported.includes(`./${name}/${member}`))
      .map((name) => ({
        file,
        line: 1,
        what: `does not list ${name}`,
        why,
        fix: `import ./${name}/${member} and list it`,
      }))
  })
  return (await Promise.all(found)).flat()
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

/** The line on which a text first stands as a JSON string, or 1. */
function lineOf(json: string, text: string): number {
  const position = json.indexOf(JSON.stringify(text))
  return position === -1 ? 1 : json.slice(0, position).split('\n').length
}

if (import.meta.main) report('check-contracts', await checkContracts(dirname(import.meta.dirname)))
