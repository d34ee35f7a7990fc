import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import type { ExitCode } from '../../src/cli/command.ts'
import { runCommand } from '../../src/cli/run-command.ts'
import { makeDirectory } from './server-process.ts'

/** What a command did. */
export type Outcome = { readonly code: ExitCode; readonly stdout: string; readonly stderr: string }

/** A terminal with somebody at it, who types each answer when asked something. */
export type Terminal = { readonly types: readonly string[] }

/** Settings for a database of its own in a new directory, which goes away after the tests. */
export function makeEnvironment(): { directory: string; env: Record<string, string> } {
  const directory = makeDirectory()
  return { directory, env: { DATABASE_URL: `sqlite:${join(directory, 'data', 'latchkey.db')}`, LOG_LEVEL: 'silent' } }
}

/** Runs one command in this process, with `stdin` as a pipe or as a terminal. */
export async function runCli(
  args: readonly string[],
  { env, stdin = '' }: { env: Readonly<Record<string, string>>; stdin?: string | Uint8Array | Terminal },
): Promise<Outcome> {
  const written = { stdout: '', stderr: '' }
  const input: PassThrough & { isTTY?: boolean } = new PassThrough()
  const answers = typeof stdin === 'object' && 'types' in stdin ? [...stdin.types] : []
  if (typeof stdin === 'object' && 'types' in stdin) input.isTTY = true
  else input.end(stdin)
  const code = await runCommand({
    args,
    env,
    stdin: input,
    stdout: { write: (text) => (written.stdout += text) },
    stderr: {
      write(text) {
        written.stderr += text
        if (/: $|\] $/.test(text)) setImmediate(() => input.write(answers.shift() ?? '\u0004'))
      },
    },
  })
  return { code, ...written }
}
