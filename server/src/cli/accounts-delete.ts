import { type Command, type CommandContext, type ExitCode, JSON_OPTION } from './command.ts'
import { confirm } from './confirm.ts'
import { findAccount, nameAccount, noSuchAccount } from './find-account.ts'
import { printJson } from './print.ts'
import { readArguments } from './read-arguments.ts'
import { CommandFailure, UsageError } from './refusals.ts'
import { withLatchkey } from './with-latchkey.ts'

const OPERANDS = [{ name: 'ACCOUNT' }] as const
const OPTIONS = {
  yes: { type: 'boolean', help: 'Does not ask first.' },
  json: JSON_OPTION,
} as const

/** `latchkey accounts delete`. */
export const accountsDelete: Command = {
  name: 'accounts delete',
  summary: 'deletes an account and its sessions for good',
  operands: OPERANDS,
  options: OPTIONS,
  notes: [
    'Its id is never given again. To keep the account and lock it out, use: npm run latchkey -- accounts disable',
  ],
  run,
}

async function run(context: CommandContext): Promise<ExitCode> {
  const args = readArguments(context.args, { operands: OPERANDS, options: OPTIONS })
  const text = args.operands[0] ?? ''
  const isSure = args.flag('yes')
  if (!isSure && context.stdin.isTTY !== true) {
    throw new UsageError('Deleting is for good: add --yes, as there is no terminal to ask on.')
  }
  return withLatchkey(context, async ({ core }) => {
    const account = await findAccount(core, text)
    if (!isSure && !(await confirm(context, `Delete ${nameAccount(account)} for good?`))) {
      throw new CommandFailure('Nothing was deleted.')
    }
    if (!(await core.administration.deleteAccount(account.id))) throw noSuchAccount(text)
    if (args.flag('json')) return printJson(context.stdout, { deleted: account.id })
    context.stdout.write(`Deleted ${nameAccount(account)}.\n`)
    return 0
  })
}
