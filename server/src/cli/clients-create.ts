import { isServiceName } from '../core/service-clients.ts'
import { type Command, type CommandContext, type ExitCode, JSON_OPTION } from './command.ts'
import { readArguments } from './read-arguments.ts'
import { CommandFailure, UsageError } from './refusals.ts'
import { nameService, tellSecret } from './show-service.ts'
import { withLatchkey } from './with-latchkey.ts'

const OPERANDS = [{ name: 'NAME' }] as const
const OPTIONS = {
  'may-revoke': { type: 'boolean', help: 'Lets it end the session of any token that it is handed.' },
  json: JSON_OPTION,
} as const

/** `latchkey clients create`. */
export const clientsCreate: Command = {
  name: 'clients create',
  summary: 'registers a service that may ask whose a token is, and prints its secret, once',
  operands: OPERANDS,
  options: OPTIONS,
  notes: [
    'NAME is yours to choose: up to 64 small letters, digits, dots, dashes and underscores, a letter first.',
    'The secret alone goes to stdout: npm run --silent latchkey -- clients create NAME > secret-file',
  ],
  run,
}

async function run(context: CommandContext): Promise<ExitCode> {
  const args = readArguments(context.args, { operands: OPERANDS, options: OPTIONS })
  const name = args.operands[0] ?? ''
  if (!isServiceName(name)) {
    throw new UsageError(
      'NAME has up to 64 small letters, digits, dots, dashes and underscores, begins with a letter, and not with svc_.',
    )
  }
  const mayRevoke = args.flag('may-revoke')
  return withLatchkey(context, async ({ core }) => {
    const made = await core.administration.createServiceClient({ name, mayRevoke })
    if (made === null) {
      throw new CommandFailure(
        `There is a service client ${name} already: choose another name, or give it a new secret with npm run latchkey -- clients rotate-secret ${name}`,
      )
    }
    const { id } = made.client
    const words = `Made ${nameService(made.client)}. Its client id is ${id}.`
    return tellSecret(context, made, { words, isJson: args.flag('json') })
  })
}
