import { parseArgs } from 'node:util'
import { findNearest } from '../config/find-nearest.ts'
import type { Command, OptionTable } from './command.ts'
import { UsageError } from './refusals.ts'

/** What stood on the command line, checked against a command's own table. */
export type Arguments<Options extends OptionTable> = {
  readonly operands: readonly string[]
  /** The text of an option, or `undefined` when it is absent. */
  text(name: NamesOf<Options, 'string'>): string | undefined
  /** Whether an option is there. */
  flag(name: NamesOf<Options, 'boolean'>): boolean
  /** The whole number of an option, within limits, or `otherwise` when it is absent. */
  number(name: NamesOf<Options, 'string'>, limits: { min: number; max: number; otherwise: number }): number
}

type NamesOf<Options extends OptionTable, Type> = {
  [Name in keyof Options & string]: Options[Name]['type'] extends Type ? Name : never
}[keyof Options & string]

/**
 * Reads a command's arguments, strictly.
 *
 * @throws {UsageError} for anything that the command does not have.
 */
export function readArguments<const Options extends OptionTable>(
  args: readonly string[],
  command: Pick<Command, 'operands'> & { readonly options: Options },
): Arguments<Options> {
  refusePasswords(args)
  const { values, operands } = parse(args, command.options)
  const needed = command.operands.filter(({ isOptional }) => isOptional !== true)
  const missing = needed[operands.length]
  if (missing !== undefined) throw new UsageError(`${missing.name} is missing.`)
  if (operands.length > command.operands.length) {
    const most = command.operands.length
    throw new UsageError(most === 0 ? 'There is a word too much.' : `There are words after ${nameLast(command)}.`)
  }
  return {
    operands,
    text,
    flag: (name) => values[name] === true,
    number(name, { min, max, otherwise }) {
      const given = text(name)
      if (given === undefined) return otherwise
      const value = /^\d{1,15}$/.test(given) ? Number(given) : Number.NaN
      if (value >= min && value <= max) return value
      throw new UsageError(`--${name} takes a whole number from ${min} to ${max}.`)
    },
  }

  function text(name: string): string | undefined {
    const value = values[name]
    return typeof value === 'string' ? value : undefined
  }
}

function parse(
  args: readonly string[],
  options: OptionTable,
): { values: Readonly<Record<string, unknown>>; operands: readonly string[] } {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, strict: true, allowPositionals: true })
    return { values, operands: positionals }
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || !String(error.code).startsWith('ERR_PARSE_ARGS')) throw error
    throw new UsageError(explain(error.message, options), { cause: error })
  }
}

function explain(message: string, options: OptionTable): string {
  const sentence = `${message.split(/\.(?:\s|$)|\n/)[0] ?? message}.`
  const unknown = /^Unknown option '--?([^']+)'/.exec(message)?.[1]
  const nearest = unknown === undefined ? null : findNearest(unknown, [...Object.keys(options), 'help'])
  return nearest === null ? sentence : `${sentence} Did you mean --${nearest}?`
}

function refusePasswords(args: readonly string[]): void {
  if (!args.some((arg) => /^--?pass(word|wd|phrase)?\d?(=|$)/i.test(arg))) return
  throw new UsageError(
    'A password is never taken from the command line, where the shell history and every process list would show it: ' +
      'type it when asked, or pipe it in as one line.',
  )
}

function nameLast({ operands }: Pick<Command, 'operands'>): string {
  return operands.at(-1)?.name ?? ''
}
