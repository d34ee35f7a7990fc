import { ConfigError } from '../config/config-error.ts'
import { AuthError } from '../core/errors.ts'
import type { ExitCode, Output } from './command.ts'
import { CommandFailure, UsageError } from './refusals.ts'
import { wordError } from './words.ts'

/** Says on stderr what went wrong and what to do. Only a mistake of our own shows its stack. */
export function reportError(error: unknown, { stderr, usage }: { stderr: Output; usage: string }): ExitCode {
  if (error instanceof UsageError) {
    stderr.write(`latchkey: ${error.message}\n${usage}\nAdd --help for more.\n`)
    return 2
  }
  stderr.write(`latchkey: ${describeError(error)}\n`)
  return 1
}

/** What went wrong, for an operator. */
export function describeError(error: unknown): string {
  if (error instanceof ConfigError) {
    return `the settings cannot be used:${error.problems.map((problem) => `\n  - ${problem}`).join('')}`
  }
  if (error instanceof AuthError) return wordError(error)
  if (error instanceof CommandFailure) return error.message
  if (!(error instanceof Error)) return 'something went wrong that is not an error.'
  const code = 'code' in error ? String(error.code) : ''
  if (code === 'EADDRNOTAVAIL') return 'HOST is not an address of this machine.'
  if (code === 'EACCES' || code === 'EPERM') return `not allowed: ${error.message}`
  // Plain errors are sentences for the operator, and so are the system's and the database's; the rest are our mistakes.
  return error.name === 'Error' ? error.message : (error.stack ?? error.message)
}
