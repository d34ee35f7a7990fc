import { type Command, type CommandContext, type ExitCode, JSON_OPTION } from './command.ts'
import { confirm } from './confirm.ts'
import { findService, noSuchService } from './find-service.ts'
import { printJson } from './print.ts'
import { readArguments } from './read-arguments.ts'
import { CommandFailure, UsageError } from './refusals.ts'
import { nameService } from './show-service.ts'
import { withLatchkey } from './with-latchkey.ts'

const OPERANDS = [{ name: 'CLIENT' }] as const
const OPTIONS = {
  yes: { type: 'boolean', help: 'Does not ask first.' },
  json: JSON_OPTION,
} as const

/** `latchkey clients delete`. */
export const clientsDelete: Command = {
  name: 'clients delete',
  summary: 'deletes a service: it is told nothing any more',
  operands: OPERANDS,
  options: OPTIONS,
  notes: ['CLIENT is a client id or a name. The tokens that the service asked about live on.'],
  run,
}

async function run(context: CommandContext): Promise<ExitCode> {
  const args = readArguments(context.args, { operands: OPERANDS, options: OPTIONS })
  const text = args.operands[0] ?? ''
  const isSure = args.flag('yes')
  if (!isSure && context.stdin.isTTY !== true) {
    throw new UsageError('The service would stop working: add --yes, as there is no terminal to ask on.')
  }
  return withLatchkey(context, async ({ core }) => {
    const client = await findService(core, text)
    if (!isSure && !(await confirm(context, `Delete ${nameService(client)}?`))) {
      throw new CommandFailure('Nothing was deleted.')
    }
    if (!(await core.administration.deleteServiceClient(client))) throw noSuchService(text)
    if (args.flag('json')) return printJson(context.stdout, { deleted: client.id })
    context.stdout.write(`Deleted ${nameService(client)}.\n`)
    return 0
  })
}
