import { type Command, type CommandContext, type ExitCode, JSON_OPTION } from './command.ts'
import { findAccount, nameAccount, noSuchAccount } from './find-account.ts'
import { printJson } from './print.ts'
import { readArguments } from './read-arguments.ts'
import { readNewPassword } from './read-new-password.ts'
import { accountToJson, warnOfWeakPassword } from './show-account.ts'
import { withLatchkey } from './with-latchkey.ts'

const OPERANDS = [{ name: 'ACCOUNT' }] as const
const OPTIONS = { json: JSON_OPTION } as const

/** `latchkey accounts set-password`. */
export const accountsSetPassword: Command = {
  name: 'accounts set-password',
  summary: 'sets an account’s password and ends all its sessions',
  operands: OPERANDS,
  options: OPTIONS,
  notes: ['The password is asked for on a terminal, and is the one line of stdin otherwise.'],
  run,
}

async function run(context: CommandContext): Promise<ExitCode> {
  const args = readArguments(context.args, { operands: OPERANDS, options: OPTIONS })
  const text = args.operands[0] ?? ''
  return withLatchkey(context, async ({ core }) => {
    const account = await findAccount(core, text)
    if (context.stdin.isTTY === true) context.stderr.write(`A new password for ${nameAccount(account)}.\n`)
    const { password, problems } = await readNewPassword(context)
    if (!(await core.administration.setPassword(account.id, password, problems))) throw noSuchAccount(text)
    const changed = await findAccount(core, String(account.id))
    if (args.flag('json')) return printJson(context.stdout, accountToJson(changed))
    context.stdout.write(`Set the password of ${nameAccount(changed)}. All its sessions have ended.\n`)
    warnOfWeakPassword(context.stderr, changed)
    return 0
  })
}
