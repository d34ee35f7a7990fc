import { type Command, type CommandContext, type ExitCode, JSON_OPTION } from './command.ts'
import { confirm } from './confirm.ts'
import { findAccount, nameAccount } from './find-account.ts'
import { printJson, showCount } from './print.ts'
import { readArguments } from './read-arguments.ts'
import { CommandFailure, UsageError } from './refusals.ts'
import { withLatchkey } from './with-latchkey.ts'

const OPERANDS = [{ name: 'SESSION', isOptional: true }] as const
const OPTIONS = {
  account: { type: 'string', value: 'ACCOUNT', help: 'Ends every session of this account instead of one session.' },
  all: { type: 'boolean', help: 'Ends every session of everybody, and every one-time token in a letter.' },
  yes: { type: 'boolean', help: 'Does not ask first; for --all.' },
  json: JSON_OPTION,
} as const

/** `latchkey sessions revoke`. */
export const sessionsRevoke: Command = {
  name: 'sessions revoke',
  summary: 'ends a session, all sessions of an account, or all there are; their tokens are dead at once',
  operands: OPERANDS,
  options: OPTIONS,
  notes: [
    'After a database was restored with tools other than latchkey restore, use --all: what was revoked since the backup would be alive again.',
  ],
  run,
}

async function run(context: CommandContext): Promise<ExitCode> {
  const args = readArguments(context.args, { operands: OPERANDS, options: OPTIONS })
  const session = args.operands[0]
  const account = args.text('account')
  const isJson = args.flag('json')
  const ways = [session !== undefined, account !== undefined, args.flag('all')]
  if (ways.filter(Boolean).length !== 1)
    throw new UsageError('Name either one SESSION or --account ACCOUNT, or add --all.')
  if (args.flag('all')) return revokeEvery(context, { isSure: args.flag('yes'), isJson })
  return account === undefined ? revokeOne(context, session ?? '', isJson) : revokeAll(context, account, isJson)
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

async function revokeEvery(
  context: CommandContext,
  { isSure, isJson }: { isSure: boolean; isJson: boolean },
): Promise<ExitCode> {
  if (!isSure && context.stdin.isTTY !== true) {
    throw new UsageError('Everybody would have to sign in again: add --yes, as there is no terminal to ask on.')
  }
  return withLatchkey(context, async ({ core }) => {
    if (!isSure && !(await confirm(context, 'End every session of everybody?'))) {
      throw new CommandFailure('Nothing was revoked.')
    }
    const { sessions, oneTimeTokens } = await core.administration.revokeEverySession()
    if (isJson) return printJson(context.stdout, { revoked: sessions, one_time_tokens: oneTimeTokens })
    const counts = `${showCount(sessions, 'session')} and ${showCount(oneTimeTokens, 'one-time token')}`
    context.stdout.write(`Revoked ${counts}: everybody signs in again.\n`)
    return 0
  })
}
