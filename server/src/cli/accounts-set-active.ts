import { type Command, type CommandContext, type ExitCode, JSON_OPTION } from './command.ts'
import { findAccount, nameAccount, noSuchAccount } from './find-account.ts'
import { printJson } from './print.ts'
import { readArguments } from './read-arguments.ts'
import { accountToJson } from './show-account.ts'
import { withLatchkey } from './with-latchkey.ts'

const OPERANDS = [{ name: 'ACCOUNT' }] as const
const OPTIONS = { json: JSON_OPTION } as const

/** `latchkey accounts disable`. */
export const accountsDisable: Command = {
  name: 'accounts disable',
  summary: 'disables an account and ends all its sessions',
  operands: OPERANDS,
  options: OPTIONS,
  run: (context) => setActive(context, false),
}

/** `latchkey accounts enable`. */
export const accountsEnable: Command = {
  name: 'accounts enable',
  summary: 'lets a disabled account sign in again',
  operands: OPERANDS,
  options: OPTIONS,
  run: (context) => setActive(context, true),
}

async function setActive(context: CommandContext, isActive: boolean): Promise<ExitCode> {
  const args = readArguments(context.args, { operands: OPERANDS, options: OPTIONS })
  const text = args.operands[0] ?? ''
  return withLatchkey(context, async ({ core }) => {
    const { id } = await findAccount(core, text)
    const account = await core.administration.setActive(id, isActive)
    if (account === null) throw noSuchAccount(text)
    if (args.flag('json')) return printJson(context.stdout, accountToJson(account))
    const what = isActive ? 'Enabled' : 'Disabled'
    context.stdout.write(`${what} ${nameAccount(account)}.${isActive ? '' : ' All its sessions have ended.'}\n`)
    return 0
  })
}
