import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'

/** What a process did before it ended. */
export type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string }

/** A process under way: its first output, and its end. */
export type Running = {
  readonly firstOutput: Promise<void>
  readonly ended: Promise<Ended>
  /** Ends it as a power cut would. */
  kill(): void
}

/** Runs a script (a module in TypeScript) in a process of its own, with `args` from `process.argv[1]` on. */
export function startNode(script: string, args: readonly string[] = []): Running {
  const child: ChildProcessWithoutNullStreams = spawn(process.execPath, [
    '--input-type=module-typescript',
    '--eval',
    script,
    ...args,
  ])
  const written = { stdout: '', stderr: '' }
  child.stderr.on('data', (chunk) => {
    written.stderr += String(chunk)
  })
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code) => resolve({ code, ...written }))
  })
  const firstOutput = new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      written.stdout += String(chunk)
      resolve()
    })
    ended.then(({ stderr }) => reject(new Error(`the process ended without a word: ${stderr}`)), reject)
  })
  firstOutput.catch(() => {})
  return { firstOutput, ended, kill: () => void child.kill('SIGKILL') }
}

/** Runs a script to its end. */
export function runNode(script: string, args: readonly string[] = []): Promise<Ended> {
  return startNode(script, args).ended
}
