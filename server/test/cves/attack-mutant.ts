import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Guard, Hole } from './hole.ts'

const SOURCE = fileURLToPath(new URL('../../src/', import.meta.url))

/** Has the product load without its guards, in this process and nowhere else. */
function removeGuards(guards: readonly Guard[]): void {
  const urls = new Set(guards.map(({ file }) => pathToFileURL(SOURCE + file).href))
  registerHooks({
    load(url, context, nextLoad) {
      if (!urls.has(url)) return nextLoad(url, context)
      return { format: 'module-typescript', shortCircuit: true, source: sourceWithout(url, guards) }
    },
  })
}

function sourceWithout(url: string, guards: readonly Guard[]): string {
  let source = readFileSync(fileURLToPath(url), 'utf8')
  for (const { find, replace } of guards.filter(({ file }) => pathToFileURL(SOURCE + file).href === url)) {
    source = source.replace(find, () => replace)
  }
  return source
}

/** What became of an attack on the product without its guards. */
export type Outcome = { readonly error: string | null; readonly isAssertion: boolean; readonly stack: string }

const [path = '', name = '', guards = '[]'] = process.argv.slice(2)
removeGuards(JSON.parse(guards))
const exported: Readonly<Record<string, Hole>> = await import(pathToFileURL(path).href)
const hole = exported[name]
if (hole === undefined) throw new Error(`${path} exports no ${name}.`)
const outcome = await hole.attack().then(
  (): Outcome => ({ error: null, isAssertion: false, stack: '' }),
  (error: unknown): Outcome => ({
    error: error instanceof Error ? error.message : String(error),
    isAssertion: error instanceof Error && 'code' in error && error.code === 'ERR_ASSERTION',
    stack: error instanceof Error ? (error.stack ?? '') : '',
  }),
)
process.stdout.write(`\n${JSON.stringify(outcome)}\n`, () => process.exit(0))
