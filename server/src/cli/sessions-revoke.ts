import { type Command, type CommandContext, type ExitCode, JSON_OPTION } from './command.ts'
import { findAccount, nameAccount } from './find-account.ts'
import { printJson } from './print.ts'
import { readArguments } from './read-arguments.ts'
import { CommandFailure, UsageError } from './refusals.ts'
import { withLatchkey } from './with-latchkey.ts'

const OPERANDS = [{ name: 'SESSION', isOptional: true }] as const
const OPTIONS = {
  account: { type: 'string', value: 'ACCOUNT', help: 'Ends every session of this account instead of one session.' },
  json: JSON_OPTION,
} as const

/** `latchkey sessions revoke`. */
export const sessionsRevoke: Command = {
  name: 'sessions revoke',
  summary: 'ends a session, or all sessions of an account; their tokens are dead at once',
  operands: OPERANDS,
  options: OPTIONS,
  run,
}

async function run(context: CommandContext): Promise<ExitCode> {
  const args = readArguments(context.args, { operands: OPERANDS, options: OPTIONS })
  const session = args.operands[0]
  const account = args.text('account')
  if (account !== undefined && session === undefined) return revokeAll(context, account, args.flag('json'))
  if (account === undefined && session !== undefined) return revokeOne(context, session, args.flag('json'))
  throw new UsageError('Name either one SESSION or --account ACCOUNT.')
}

async function revokeOne(context: CommandContext, id: string, isJson: boolean): Promise<ExitCode> {
  return withLatchkey(context, async ({ core }) => {
    if (!(await core.administration.revokeSession(id.toLowerCase()))) {
      throw new CommandFailure('There is no live session with this id: see npm run latchkey -- sessions list')
    }
    if (isJson) return printJson(context.stdout, { revoked: 1 })
    context.stdout.write('Revoked 1 session.\n')
    return 0
  })
}

async function revokeAll(context: CommandContext, text: string, isJson: boolean): Promise<ExitCode> {
  return withLatchkey(context, async ({ core }) => {
    const account = await findAccount(core, text)
    const revoked = await core.administration.revokeSessions(account.id)
    if (isJson) return printJson(context.stdout, { revoked })
    context.stdout.write(`Revoked ${revoked} session${revoked === 1 ? '' : 's'} of ${nameAccount(account)}.\n`)
    return 0
  })
}
