import { listSettings } from '../config/list-settings.ts'
import type { Command } from './command.ts'
import { alignRows } from './print.ts'

const HELP = { name: 'help', operands: [{ name: 'COMMAND', isOptional: true }], summary: 'explains a command' }
const HELP_ROW = ['-h, --help', 'Shows this.']

/** Help for Latchkey as a whole. */
export function writeHelp(commands: readonly Command[]): string {
  return [
    'Latchkey: a self-hosted authentication server.',
    '',
    'Usage: latchkey COMMAND [options]',
    '',
    'Commands:',
    ...listCommands([...commands, HELP]),
    '',
    'Options:',
    ...alignRows([HELP_ROW, ['--version', 'Shows the version.']], '  '),
    '',
    'Settings come from the environment and from .env; `npm run latchkey -- config --help` explains them.',
    'Exit codes: 0 done, 1 failed, 2 not understood.',
    '',
  ].join('\n')
}

/** Help for the commands that share a first word. */
export function writeGroupHelp(group: string, commands: readonly Command[]): string {
  const own = commands.filter(({ name }) => name.startsWith(`${group} `))
  const account = own.some(namesAccount) ? 'ACCOUNT is an id, an email or a username. ' : ''
  return [
    `Usage: latchkey ${group} COMMAND [options]`,
    '',
    'Commands:',
    ...listCommands(own),
    '',
    `${account}\`npm run latchkey -- help COMMAND\` explains a command.`,
    '',
  ].join('\n')
}

/** Help for one command. */
export function writeCommandHelp(command: Command): string {
  const options = Object.entries(command.options).map(([name, option]) => [
    option.type === 'string' ? `--${name} ${option.value}` : `--${name}`,
    option.help,
  ])
  const takesAccount = command.operands.some(({ name }) => name === 'ACCOUNT')
  return [
    `latchkey ${command.name}: ${command.summary}.`,
    '',
    writeUsage(command),
    '',
    ...(takesAccount ? ['ACCOUNT is an id, an email or a username.', ''] : []),
    'Options:',
    ...alignRows([...options, HELP_ROW], '  '),
    ...(command.notes === undefined ? [] : ['', ...command.notes]),
    ...(command.showsSettings === true ? ['', ...writeSettings()] : []),
    '',
  ].join('\n')
}

/** The one line that says how a command is written. */
export function writeUsage({ name, operands, options }: Command): string {
  const words = operands.map((operand) => (operand.isOptional === true ? `[${operand.name}]` : operand.name))
  return ['Usage: latchkey', name, ...words, ...(Object.keys(options).length > 0 ? ['[options]'] : [])].join(' ')
}

function listCommands(commands: readonly Pick<Command, 'name' | 'operands' | 'summary'>[]): string[] {
  return alignRows(
    commands.map(({ name, operands, summary }) => [
      [name, ...operands.map((operand) => (operand.isOptional === true ? `[${operand.name}]` : operand.name))].join(
        ' ',
      ),
      summary,
    ]),
    '  ',
  )
}

function writeSettings(): string[] {
  const settings = listSettings().flatMap((setting) => [
    `  ${setting.name} (default: ${setting.default})`,
    `      ${setting.description}`,
  ])
  return ['Settings, from the environment or from .env in the working directory (the environment wins):', ...settings]
}

function namesAccount({ operands, options }: Command): boolean {
  const values = Object.values(options).map((option) => (option.type === 'string' ? option.value : ''))
  return [...operands.map(({ name }) => name), ...values].includes('ACCOUNT')
}
