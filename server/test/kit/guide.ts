import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const ROOT = new URL('../../../', import.meta.url)
const BIN = fileURLToPath(new URL('server/bin/latchkey.js', ROOT))
const LATCHKEY = 'npm run --silent latchkey --'

/** A block of shell commands on a page, and the block after it that shows what comes out; `null` where none is shown. */
export type Step = { readonly command: string; readonly shown: string | null }

/** The shell blocks of a page, in their order. */
export function readGuide(path: string): readonly Step[] {
  const text = readFileSync(new URL(path, ROOT), 'utf8')
  const blocks = text.matchAll(/```sh\n([\s\S]*?)```\n(?:\n```(?:text|json)\n([\s\S]*?)```)?/g)
  return [...blocks].map(([, command = '', shown]) => ({ command, shown: shown ?? null }))
}

/**
 * Runs one block of a page in a shell of its own, in a folder of its own, as it stands there but for where the server is.
 * `latchkey` is run without npm, which does nothing here but look it up.
 *
 * @throws {Error} when any of its commands fails.
 */
export async function runStep(
  { command }: Step,
  { url, directory, env }: { url: string; directory: string; env: Readonly<Record<string, string>> },
): Promise<{ stdout: string; stderr: string }> {
  const script = command.replaceAll('http://localhost:8000', url).replaceAll(LATCHKEY, `'${process.execPath}' '${BIN}'`)
  // Nothing else of our environment: what the tests are told by it are no settings.
  const { PATH } = process.env
  return promisify(execFile)('sh', ['-euc', script], { cwd: directory, env: { PATH, ...env } })
}
