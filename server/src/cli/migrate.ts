import { type Command, type CommandContext, type ExitCode, JSON_OPTION } from './command.ts'
import { printJson } from './print.ts'
import { readArguments } from './read-arguments.ts'
import { CommandFailure } from './refusals.ts'
import { withLatchkey } from './with-latchkey.ts'

const OPTIONS = { json: JSON_OPTION } as const

/** `latchkey migrate`. */
export const migrate: Command = {
  name: 'migrate',
  summary: 'brings the database up to date; makes it if there is none',
  operands: [],
  options: OPTIONS,
  notes: ['Starting the server does the same. Migrations only go forward: make a backup before an upgrade.'],
  run,
}

async function run(context: CommandContext): Promise<ExitCode> {
  const args = readArguments(context.args, { operands: [], options: OPTIONS })
  return withLatchkey(
    context,
    async (latchkey) => {
      const { location, appliedMigrations, pendingMigrations } = await latchkey.inspect()
      if (pendingMigrations.length > 0) {
        throw new CommandFailure(`Still pending after opening the database: ${pendingMigrations.join(', ')}.`)
      }
      const { migrated } = latchkey
      const names = { applied: migrated, before: appliedMigrations.filter((name) => !migrated.includes(name)) }
      if (args.flag('json')) return printJson(context.stdout, { database: location, ...names })
      if (migrated.length === 0) context.stdout.write(`The database ${location} is up to date: nothing to apply.\n`)
      for (const name of migrated) context.stdout.write(`Applied ${name}\n`)
      if (migrated.length > 0) context.stdout.write(`The database ${location} is up to date.\n`)
      return 0
    },
    { makesDatabase: true },
  )
}
