import { dirname, join, posix } from 'node:path'
import { isTest, listFiles } from './files.ts'
import { RULES, type Rule } from './import-rules.ts'
import { type Import, type Reference, readSyntax } from './read-syntax.ts'
import { report, type Verdict, type Violation } from './violations.ts'

/** What a test may import besides what its folder may. */
const TESTS = { packages: ['node:*', 'fast-check'], folder: 'server/test' }

const SOURCE = 'server/src'

/** Holds every file in `server/src` against the table in `import-rules.ts`. */
export async function checkImports(root: string): Promise<Verdict> {
  const files = listFiles(join(root, SOURCE))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => `${SOURCE}/${file}`)
  const syntax = await readSyntax(root, files)
  const violations = [...syntax].flatMap(([file, { imports, references }]) => {
    const rule = findRule(file)
    if (rule === null) return [unknownFolder(file)]
    return [...checkFileImports(rule, file, imports), ...checkGlobals(rule, file, references)]
  })
  const count = [...syntax.values()].reduce((sum, { imports }) => sum + imports.length, 0)
  return { violations, checked: `${files.length} files and ${count} imports are in order` }
}

function findRule(file: string): Rule | null {
  const place = file.slice(SOURCE.length + 1).replace(/\.(test|suite)\.ts$/, '.ts')
  const fitting = RULES.filter(({ who }) => ownPlace(who, place) !== null)
  return (
    fitting.sort((a, b) => b.who.split('/').length - a.who.split('/').length || b.who.length - a.who.length)[0] ?? null
  )
}

/** The folder or file that `who` stands for where `place` is, or `null` when `place` is elsewhere. */
function ownPlace(who: string, place: string): string | null {
  const parts = place.split('/')
  const pattern = who.split('/')
  if (!pattern.every((part, index) => part === parts[index] || (part === '*' && index < parts.length - 1))) return null
  return parts.slice(0, pattern.length).join('/')
}

function checkFileImports(rule: Rule, file: string, imports: readonly Import[]): Violation[] {
  return imports.flatMap(({ specifier, line }) => {
    const { why, fix } = rule
    const own = ownPlace(rule.who, file.slice(SOURCE.length + 1)) ?? rule.who
    if (specifier === null) {
      const reason = 'what it imports cannot be checked before it runs'
      return [{ file, line, what: 'imports something computed', why: reason, fix: 'write the path as plain text' }]
    }
    if (mayImport(rule, file, specifier)) return []
    return [{ file, line, what: `${own} may not import ${showTarget(file, specifier)}`, why, fix }]
  })
}

function mayImport(rule: Rule, file: string, specifier: string): boolean {
  if (!specifier.startsWith('.')) {
    const packages = isTest(file) ? [...rule.packages, ...TESTS.packages] : rule.packages
    return packages.some((name) => isPackage(name, specifier))
  }
  const target = resolve(file, specifier)
  if (isTest(target) || isInside(TESTS.folder, target)) return isTest(file)
  if (rule.ours.includes('*')) return true
  if (!isInside(SOURCE, target)) return false
  const own = ownPlace(rule.who, file.slice(SOURCE.length + 1))
  const ours = own === null ? rule.ours : [own, ...rule.ours]
  return ours.some((place) => isInside(`${SOURCE}/${place}`, target))
}

function isPackage(name: string, specifier: string): boolean {
  if (name === '*') return true
  if (name === 'node:*') return specifier.startsWith('node:')
  return specifier === name || specifier.startsWith(`${name}/`)
}

function isInside(place: string, path: string): boolean {
  return path === place || path.startsWith(`${place}/`)
}

function resolve(file: string, specifier: string): string {
  return posix.join(posix.dirname(file), specifier)
}

function showTarget(file: string, specifier: string): string {
  if (!specifier.startsWith('.')) return specifier
  const target = resolve(file, specifier)
  return isInside(SOURCE, target) ? target.slice(SOURCE.length + 1) : target
}

function checkGlobals(
  { who, globals = [], why, fix }: Rule,
  file: string,
  references: readonly Reference[],
): Violation[] {
  if (isTest(file)) return []
  return references.flatMap(({ name, member, line }) => {
    const used = globals.find((global) => global === name || global === `${name}.${member}`)
    return used === undefined ? [] : [{ file, line, what: `${who} may not use ${used}`, why, fix }]
  })
}

function unknownFolder(file: string): Violation {
  return {
    file,
    line: 1,
    what: 'no rule says what this file may import',
    why: 'every place in the tree has a rule',
    fix: 'move it to where it belongs, or add its place to the table in scripts/import-rules.ts and to CONTRIBUTING.md',
  }
}

if (import.meta.main) report('check-imports', await checkImports(dirname(import.meta.dirname)))
