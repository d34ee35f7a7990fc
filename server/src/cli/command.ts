import type { Readable } from 'node:stream'

/** 0: done. 1: failed. 2: the command was not understood. */
export type ExitCode = 0 | 1 | 2

/** Everything that a command may touch of the process. */
export type CommandContext = {
  /** What stands after the command's name. */
  readonly args: readonly string[]
  readonly stdin: Input
  readonly stdout: Output
  readonly stderr: Output
  readonly env: Readonly<Record<string, string | undefined>>
}

/** Where a command reads from: a terminal, a pipe or a file. */
export type Input = Readable & { readonly isTTY?: boolean | undefined }

/** Where a command writes to. */
export type Output = {
  /** `false` where the text waits in memory for a reader; `drain` tells when there is room again. */
  write(text: string): unknown
  once?(event: 'drain' | 'close' | 'error', listener: () => void): unknown
  readonly isTTY?: boolean | undefined
}

/** The options of a command: those of `parseArgs`, with words for help. */
export type OptionTable = Readonly<Record<string, Option>>

/** An option that takes a text (`value` names it in help), or one that is there or not. */
export type Option =
  | { readonly type: 'string'; readonly value: string; readonly help: string }
  | { readonly type: 'boolean'; readonly help: string }

/** A word that is no option: what a command works on. */
export type Operand = { readonly name: string; readonly isOptional?: boolean }

/** One command of the command line. */
export type Command = {
  /** One or two words: `migrate`, `accounts create`. */
  readonly name: string
  /** One line, continuing "This command …". */
  readonly summary: string
  readonly operands: readonly Operand[]
  readonly options: OptionTable
  /** What else help says, a line each. */
  readonly notes?: readonly string[]
  /** Whether help lists the settings too. */
  readonly showsSettings?: boolean
  run(context: CommandContext): Promise<ExitCode>
}

/** The option that every command with an answer has. */
export const JSON_OPTION: Option & { type: 'boolean' } = { type: 'boolean', help: 'Answers in JSON.' }
