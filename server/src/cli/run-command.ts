import { findNearest } from '../config/find-nearest.ts'
import { readVersion } from '../read-version.ts'
import type { Command, CommandContext, ExitCode } from './command.ts'
import { COMMANDS } from './commands.ts'
import { UsageError } from './refusals.ts'
import { reportError } from './report-error.ts'
import { writeCommandHelp, writeGroupHelp, writeHelp, writeUsage } from './write-help.ts'

/** Runs the one command that the arguments name. Whatever goes wrong is said on stderr, and is the exit code. */
export async function runCommand(context: CommandContext): Promise<ExitCode> {
  const found = findCommand(context.args)
  try {
    if (wantsHelp(context.args))
      return showHelp(
        context,
        context.args.filter((arg) => !arg.startsWith('-')),
      )
    const [first, ...rest] = context.args
    if (first === undefined) return showHelp(context, [])
    if (first === 'help') return showHelp(context, rest)
    if (first === '--version' || first === '-v') return showVersion(context)
    if (found === null) throw refuse(context.args)
    return await found.command.run({ ...context, args: found.rest })
  } catch (error) {
    const usage = found === null ? 'Usage: latchkey COMMAND [options]' : writeUsage(found.command)
    return reportError(error, { stderr: context.stderr, usage })
  }
}

function findCommand(args: readonly string[]): { command: Command; rest: readonly string[] } | null {
  for (const length of [2, 1]) {
    const name = args.slice(0, length).join(' ')
    const command = COMMANDS.find((candidate) => candidate.name === name)
    if (command !== undefined) return { command, rest: args.slice(length) }
  }
  return null
}

function wantsHelp(args: readonly string[]): boolean {
  const end = args.indexOf('--')
  return (end === -1 ? args : args.slice(0, end)).some((arg) => arg === '--help' || arg === '-h')
}

/** Help for what the words begin with: a command, a group of commands, or everything. */
function showHelp({ stdout }: CommandContext, words: readonly string[]): ExitCode {
  const command = findCommand(words)?.command
  const group = words[0] ?? ''
  if (command !== undefined) stdout.write(writeCommandHelp(command))
  else if (words.length === 0 || group === 'help') stdout.write(writeHelp(COMMANDS))
  else if (isGroup(group)) stdout.write(writeGroupHelp(group, COMMANDS))
  else throw refuse(words)
  return 0
}

function showVersion({ stdout }: CommandContext): ExitCode {
  stdout.write(`${readVersion()}\n`)
  return 0
}

function isGroup(word: string): boolean {
  return COMMANDS.some(({ name }) => name.startsWith(`${word} `))
}

function refuse([first = '', second]: readonly string[]): UsageError {
  const names = COMMANDS.map(({ name }) => name)
  if (isGroup(first) && second === undefined) {
    return new UsageError(`${first} needs a command: ${secondWords(first).join(', ')}.`)
  }
  if (isGroup(first)) {
    const nearest = findNearest(second ?? '', secondWords(first))
    return new UsageError(`There is no such command under ${first}.${hint(nearest && `${first} ${nearest}`)}`)
  }
  if (first.startsWith('-')) return new UsageError('There is no such option; a command comes first.')
  const firstWords = [...new Set(names.map((name) => name.split(' ')[0] ?? ''))]
  return new UsageError(`There is no such command.${hint(findNearest(first, [...firstWords, 'help']))}`)
}

function secondWords(group: string): string[] {
  return COMMANDS.filter(({ name }) => name.startsWith(`${group} `)).map(({ name }) => name.slice(group.length + 1))
}

function hint(nearest: string | null): string {
  return nearest === null ? '' : ` Did you mean latchkey ${nearest}?`
}
