import { type Command, type CommandContext, type ExitCode, JSON_OPTION } from './command.ts'
import { findAccount } from './find-account.ts'
import { printJson } from './print.ts'
import { readArguments } from './read-arguments.ts'
import { accountToJson, printAccount } from './show-account.ts'
import { withLatchkey } from './with-latchkey.ts'

const OPERANDS = [{ name: 'ACCOUNT' }] as const
const OPTIONS = { json: JSON_OPTION } as const

/** `latchkey accounts show`. */
export const accountsShow: Command = {
  name: 'accounts show',
  summary: 'shows all of one account but its password',
  operands: OPERANDS,
  options: OPTIONS,
  run,
}

async function run(context: CommandContext): Promise<ExitCode> {
  const args = readArguments(context.args, { operands: OPERANDS, options: OPTIONS })
  return withLatchkey(context, async ({ core }) => {
    const account = await findAccount(core, args.operands[0] ?? '')
    if (args.flag('json')) return printJson(context.stdout, accountToJson(account))
    printAccount(context.stdout, account)
    return 0
  })
}
