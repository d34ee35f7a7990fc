import type { Session } from '../core/session.ts'
import { type Command, type CommandContext, type ExitCode, JSON_OPTION } from './command.ts'
import { findAccount } from './find-account.ts'
import { printJson, printTable, showTime } from './print.ts'
import { readArguments } from './read-arguments.ts'
import { withLatchkey } from './with-latchkey.ts'

const OPERANDS = [{ name: 'ACCOUNT', isOptional: true }] as const
const OPTIONS = {
  limit: { type: 'string', value: 'N', help: 'How many at most, 1 to 1000 (default 50).' },
  json: JSON_OPTION,
} as const

/** How much of a user agent the table shows, in code units. */
const AGENT_WIDTH = 40

/** `latchkey sessions list`. */
export const sessionsList: Command = {
  name: 'sessions list',
  summary: 'lists live sessions, newest first: of one account, or of all',
  operands: OPERANDS,
  options: OPTIONS,
  run,
}

async function run(context: CommandContext): Promise<ExitCode> {
  const args = readArguments(context.args, { operands: OPERANDS, options: OPTIONS })
  const limit = args.number('limit', { min: 1, max: 1000, otherwise: 50 })
  const named = args.operands[0]
  return withLatchkey(context, async ({ core }) => {
    const filter = named === undefined ? { limit } : { limit, accountId: (await findAccount(core, named)).id }
    const sessions = await core.administration.listSessions(filter)
    if (args.flag('json')) return printJson(context.stdout, sessions.map(sessionToJson))
    printTable(
      context.stdout,
      ['SESSION', 'ACCOUNT', 'OPENED BY', 'KIND', 'OPENED', 'ENDS', 'NETWORK', 'USER AGENT'],
      sessions.map(({ id, accountId, contract, kind, createdAt, expiresAt, client }) => [
        id,
        String(accountId),
        contract,
        kind,
        showTime(createdAt),
        showTime(expiresAt),
        client.network ?? 'loopback',
        client.userAgent.slice(0, AGENT_WIDTH) || '-',
      ]),
    )
    if (sessions.length === limit) context.stderr.write('There may be more: raise --limit\n')
    return 0
  })
}

function sessionToJson({ id, accountId, contract, kind, createdAt, expiresAt, client }: Session): unknown {
  return {
    id,
    account_id: accountId,
    contract,
    kind,
    created_at: showTime(createdAt),
    expires_at: showTime(expiresAt),
    network: client.network,
    user_agent: client.userAgent,
  }
}
