import { type Command, type CommandContext, type ExitCode, JSON_OPTION } from './command.ts'
import { printJson, printTable, showTime } from './print.ts'
import { readArguments } from './read-arguments.ts'
import { accountToJson } from './show-account.ts'
import { withLatchkey } from './with-latchkey.ts'

const OPTIONS = {
  limit: { type: 'string', value: 'N', help: 'How many at most, 1 to 1000 (default 50).' },
  after: { type: 'string', value: 'ID', help: 'Only accounts with an id above this one: the next page.' },
  weak: { type: 'boolean', help: 'Only accounts whose password was found to be common or breached.' },
  json: JSON_OPTION,
} as const

/** `latchkey accounts list`. */
export const accountsList: Command = {
  name: 'accounts list',
  summary: 'lists accounts, lowest id first',
  operands: [],
  options: OPTIONS,
  run,
}

async function run(context: CommandContext): Promise<ExitCode> {
  const args = readArguments(context.args, { operands: [], options: OPTIONS })
  const limit = args.number('limit', { min: 1, max: 1000, otherwise: 50 })
  const after = args.number('after', { min: 0, max: Number.MAX_SAFE_INTEGER, otherwise: 0 })
  return withLatchkey(context, async ({ core }) => {
    const accounts = await core.administration.listAccounts({ after, limit, isWeakOnly: args.flag('weak') })
    if (args.flag('json')) return printJson(context.stdout, accounts.map(accountToJson))
    printTable(
      context.stdout,
      ['ID', 'EMAIL', 'USERNAME', 'NAME', 'STATE', 'STAFF', 'PASSWORD', 'MADE', 'LAST LOGIN'],
      accounts.map(({ id, email, username, profile, isActive, isStaff, hasWeakPassword, createdAt, lastLoginAt }) => [
        String(id),
        email ?? '-',
        username ?? '-',
        profile.name || '-',
        isActive ? 'active' : 'disabled',
        isStaff ? 'yes' : 'no',
        hasWeakPassword ? 'weak' : '-',
        showTime(createdAt),
        showTime(lastLoginAt),
      ]),
    )
    const last = accounts.at(-1)
    if (last !== undefined && accounts.length === limit) {
      context.stderr.write(`There may be more: add --after ${last.id}\n`)
    }
    return 0
  })
}
