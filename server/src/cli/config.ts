import { describeConfig } from '../config/describe-config.ts'
import { readDotenv } from '../config/read-dotenv.ts'
import { readConfig } from '../read-config.ts'
import { type Command, type CommandContext, type ExitCode, JSON_OPTION } from './command.ts'
import { printJson, printTable } from './print.ts'
import { readArguments } from './read-arguments.ts'

const OPTIONS = { json: JSON_OPTION } as const

/** `latchkey config`. */
export const config: Command = {
  name: 'config',
  summary: 'shows the settings in force and where each came from; secrets are masked',
  operands: [],
  options: OPTIONS,
  showsSettings: true,
  run,
}

async function run({ args, stdout, env }: CommandContext): Promise<ExitCode> {
  const given = readArguments(args, { operands: [], options: OPTIONS })
  const settings = describeConfig(readConfig(env), { env, dotenv: readDotenv(process.cwd()) })
  if (given.flag('json')) return printJson(stdout, settings)
  printTable(
    stdout,
    ['SETTING', 'VALUE', 'FROM'],
    settings.map(({ name, value, from }) => [name, value || '-', from]),
  )
  return 0
}
