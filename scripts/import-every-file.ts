import { spawnSync } from 'node:child_process'
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isTest, listFiles } from './files.ts'
import { report, type Verdict, type Violation } from './violations.ts'

const SOURCE = 'server/src'
const WHY = 'nothing acts when imported but main.ts, so that tests can build the same thing from other parts'

/** How long the process may live after the last import before something is said to keep it alive. */
const PATIENCE = 2000

/**
 * Imports every file of the server but tests and `main.ts`, in one process with an empty environment and an empty
 * working directory, and sees whether that throws, prints, leaves a file, or keeps the process alive.
 *
 * The first file to show a thing is named; what it imports may be the cause. Not seen: files written elsewhere, requests
 * sent and finished, timers that let the process end.
 */
export function importEveryFile(root: string): Verdict {
  const files = listFiles(join(root, SOURCE)).filter(
    (file) => /(?<!\.d)\.ts$/.test(file) && !isTest(file) && file !== 'main.ts',
  )
  const scratch = mkdtempSync(join(tmpdir(), 'latchkey-import-'))
  try {
    const log = join(scratch, 'log')
    const cwd = join(scratch, 'cwd')
    mkdirSync(cwd)
    writeFileSync(log, '')
    const child = spawnSync(process.execPath, [import.meta.filename, '--child', join(root, SOURCE), log, ...files], {
      cwd,
      env: {},
      encoding: 'utf8',
      timeout: 60_000,
    })
    const violations = readLog(readFileSync(log, 'utf8'), files)
    const printed = child.stdout + child.stderr
    if (violations.length === 0 && (printed !== '' || child.status !== 0)) {
      violations.push(
        violation(files[0] ?? '', `this or a later file printed ${quote(printed)}, ending with ${child.status}`),
      )
    }
    return { violations, checked: `${files.length} files do nothing when imported` }
  } finally {
    rmSync(scratch, { recursive: true })
  }
}

/** What the child writes down, a line each. Written at once, so that it survives whatever the next import does. */
type Entry =
  | { readonly file: string; readonly saw: 'start' | 'done' }
  | { readonly file: string; readonly what: string }

function readLog(log: string, files: readonly string[]): Violation[] {
  const entries: Entry[] = log
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
  const violations = entries.flatMap((entry) => ('what' in entry ? [violation(entry.file, entry.what)] : []))
  const last = entries.at(-1)
  if (last === undefined)
    return files.length === 0 ? [] : [violation(files[0] ?? '', 'the process ended before any import')]
  if ('saw' in last && last.saw === 'start')
    violations.push(violation(last.file, 'ended the process, or never finished loading'))
  return violations
}

function violation(file: string, what: string): Violation {
  return { file: `${SOURCE}/${file}`, line: 1, what, why: WHY, fix: 'move it into a function that start.ts calls' }
}

function quote(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text)
}

async function importAll(source: string, log: string, files: readonly string[]): Promise<void> {
  const write = (entry: Entry) => appendFileSync(log, `${JSON.stringify(entry)}\n`)
  let printed = ''
  const capture = (chunk: string | Uint8Array): boolean => {
    printed += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString()
    return true
  }
  process.stdout.write = capture
  process.stderr.write = capture

  let left = 0
  const before = process.getActiveResourcesInfo()
  let held = 0
  let suspect = files[0] ?? ''
  for (const file of files) {
    write({ file, saw: 'start' })
    try {
      await import(pathToFileURL(join(source, file)).href)
    } catch (error) {
      write({ file, what: `throws when imported: ${error instanceof Error ? error.message : String(error)}` })
    }
    const now = { left: readdirSync('.').length, held: heldSince(before).length }
    if (now.left > left) write({ file, what: `leaves files in the working directory: ${readdirSync('.').join(', ')}` })
    if (now.held > held) suspect = file
    left = now.left
    held = now.held
    flush(file)
    write({ file, saw: 'done' })
  }
  setTimeout(() => {
    write({ file: suspect, what: `keeps the process alive: ${heldSince(before).join(', ')}` })
    process.exit()
  }, PATIENCE).unref()
  process.on('exit', () => flush(files.at(-1) ?? ''))

  function flush(file: string): void {
    if (printed !== '') write({ file, what: `prints when imported: ${quote(printed)}` })
    printed = ''
  }
}

/** What may keep the process alive now and was not there before, such as `Timeout`. */
function heldSince(before: readonly string[]): string[] {
  const known = [...before]
  return process.getActiveResourcesInfo().filter((resource) => {
    const index = known.indexOf(resource)
    if (index !== -1) known.splice(index, 1)
    return index === -1
  })
}

if (import.meta.main) {
  const [flag, source, log, ...files] = process.argv.slice(2)
  if (flag === '--child' && source !== undefined && log !== undefined) await importAll(source, log, files)
  else report('import-every-file', importEveryFile(dirname(import.meta.dirname)))
}
