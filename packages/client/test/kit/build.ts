import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = new URL('../../../../', import.meta.url)

/** The client as it is published, built into a directory that goes away after the tests. */
export function buildClient(): string {
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-client-'))
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }))
  const compiler = fileURLToPath(new URL('node_modules/typescript/bin/tsc', ROOT))
  const project = fileURLToPath(new URL('packages/client/tsconfig.json', ROOT))
  execFileSync(process.execPath, [compiler, '-p', project, '--outDir', directory])
  return directory
}
