import { randomBytes } from 'node:crypto'
import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { readConfig } from '../read-config.ts'
import { syncFile, takeName } from '../store/put-in-place.ts'
import type { Command, CommandContext, ExitCode } from './command.ts'
import { makePrintable, printJson } from './print.ts'
import { readArguments } from './read-arguments.ts'
import { CommandFailure, UsageError } from './refusals.ts'

const OPTIONS = {
  out: { type: 'string', value: 'FILE', help: 'A file, instead of stdout; what it holds is replaced.' },
} as const

/** `latchkey openapi`. */
export const openapi: Command = {
  name: 'openapi',
  summary: 'prints the OpenAPI 3.1 document of everything that a server with these settings offers',
  operands: [],
  options: OPTIONS,
  notes: ['It needs no server and no database.'],
  run,
}

async function run({ args, stdout, env }: CommandContext): Promise<ExitCode> {
  const file = readArguments(args, { operands: [], options: OPTIONS }).text('out')
  const config = readConfig(env)
  // No other command needs what the doors say of themselves.
  const { describeService } = await import('../openapi/describe-service.ts')
  const document = describeService(config)
  if (file === undefined) return printJson(stdout, document)
  writeWhole(file, `${JSON.stringify(document, null, 2)}\n`)
  stdout.write(`Wrote ${makePrintable(file)}.\n`)
  return 0
}

/** Whoever reads the file meanwhile reads the old one or the new one, and never a half. */
function writeWhole(file: string, text: string): void {
  if (file === '') throw new UsageError('--out takes the name of a file.')
  const directory = dirname(file)
  if (!existsSync(directory)) {
    throw new CommandFailure(`There is no directory ${makePrintable(directory)}: make it, or name another file.`)
  }
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) {
    throw new CommandFailure(`${makePrintable(file)} is a directory: name a file in it.`)
  }
  const draft = `${file}.${randomBytes(6).toString('hex')}.draft`
  try {
    writeFileSync(draft, text, { flag: 'wx' })
    syncFile(draft)
    takeName(draft, file)
  } finally {
    rmSync(draft, { force: true })
  }
}
