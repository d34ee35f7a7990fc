import { type Command, type CommandContext, type ExitCode, JSON_OPTION } from './command.ts'
import { printJson, printTable, showTime } from './print.ts'
import { readArguments } from './read-arguments.ts'
import { serviceToJson } from './show-service.ts'
import { withLatchkey } from './with-latchkey.ts'

const OPTIONS = { json: JSON_OPTION } as const

/** `latchkey clients list`. */
export const clientsList: Command = {
  name: 'clients list',
  summary: 'lists the services that may ask about tokens, by name',
  operands: [],
  options: OPTIONS,
  run,
}

async function run(context: CommandContext): Promise<ExitCode> {
  const args = readArguments(context.args, { operands: [], options: OPTIONS })
  return withLatchkey(context, async ({ core }) => {
    const clients = await core.administration.listServiceClients()
    if (args.flag('json')) return printJson(context.stdout, clients.map(serviceToJson))
    printTable(
      context.stdout,
      ['CLIENT ID', 'NAME', 'MAY REVOKE', 'MADE', 'NEW SECRET', 'OLD SECRET UNTIL'],
      clients.map(({ id, name, mayRevoke, createdAt, rotatedAt, previousUntil }) => [
        id,
        name,
        mayRevoke ? 'yes' : 'no',
        showTime(createdAt),
        showTime(rotatedAt),
        showTime(previousUntil),
      ]),
    )
    return 0
  })
}
