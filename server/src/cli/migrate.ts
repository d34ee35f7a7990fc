import { existsSync } from 'node:fs'
import { describeDatabase, findDatabaseFile } from '../config/read-database-url.ts'
import { planDatabase } from '../inspect-database.ts'
import { readConfig } from '../read-config.ts'
import { type Command, type CommandContext, type ExitCode, JSON_OPTION } from './command.ts'
import { printJson } from './print.ts'
import { readArguments } from './read-arguments.ts'
import { withLatchkey } from './with-latchkey.ts'

const OPTIONS = {
  'dry-run': { type: 'boolean', help: 'Prints the SQL that would be run, and changes nothing.' },
  json: JSON_OPTION,
} as const

/** `latchkey migrate`. */
export const migrate: Command = {
  name: 'migrate',
  summary: 'brings the database up to date; makes it if there is none',
  operands: [],
  options: OPTIONS,
  notes: [
    'Starting the server does the same, unless LATCHKEY_MIGRATE is manual. Migrations only go forward: make a backup before an upgrade.',
    'What --dry-run prints can be run as it is by psql or sqlite3, in place of migrating.',
  ],
  run,
}

async function run(context: CommandContext): Promise<ExitCode> {
  const args = readArguments(context.args, { operands: [], options: OPTIONS })
  if (args.flag('dry-run')) return showPlan(context, { isJson: args.flag('json') })
  return withLatchkey(
    context,
    async (latchkey) => {
      const { location, appliedMigrations } = await latchkey.inspect()
      const { migrated } = latchkey
      const names = { applied: migrated, before: appliedMigrations.filter((name) => !migrated.includes(name)) }
      if (args.flag('json')) return printJson(context.stdout, { database: location, ...names })
      if (migrated.length === 0) context.stdout.write(`The database ${location} is up to date: nothing to apply.\n`)
      for (const name of migrated) context.stdout.write(`Applied ${name}\n`)
      if (migrated.length > 0) context.stdout.write(`The database ${location} is up to date.\n`)
      return 0
    },
    { makesDatabase: true, mustMigrate: true },
  )
}

async function showPlan({ env, stdout }: CommandContext, { isJson }: { isJson: boolean }): Promise<ExitCode> {
  const config = readConfig(env)
  const file = findDatabaseFile(config)
  // One that is not there yet needs everything, as an empty one does.
  const isNew = file !== null && !existsSync(file)
  const plan = await planDatabase(isNew ? { ...config, databaseUrl: 'sqlite::memory:' } : config)
  const database = describeDatabase(config)
  if (isJson) return printJson(stdout, { database, pending: plan })
  if (plan.length === 0) stdout.write(`-- The database ${database} is up to date: nothing to apply.\n`)
  else
    stdout.write(
      [`-- What latchkey migrate would do to ${database}`, 'begin;', ...plan.flatMap(writeStep), 'commit;', ''].join(
        '\n',
      ),
    )
  return 0
}

function writeStep({ name, statements }: Awaited<ReturnType<typeof planDatabase>>[number]): string[] {
  return [`-- ${name}`, ...statements.map((statement) => `${statement};`)]
}
