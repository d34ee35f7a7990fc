import { type Command, type CommandContext, type ExitCode, JSON_OPTION } from './command.ts'
import { findService, noSuchService } from './find-service.ts'
import { showTime } from './print.ts'
import { readArguments } from './read-arguments.ts'
import { readLength } from './read-time.ts'
import { UsageError } from './refusals.ts'
import { nameService, tellSecret } from './show-service.ts'
import { withLatchkey } from './with-latchkey.ts'

const OPERANDS = [{ name: 'CLIENT' }] as const
const OPTIONS = {
  grace: {
    type: 'string',
    value: 'TIME',
    help: 'How long the old secret stays good, such as 30m, 24h or 7d; without it, the old one is dead within a second.',
  },
  json: JSON_OPTION,
} as const
const LONGEST_GRACE = 90 * 86_400_000

/** `latchkey clients rotate-secret`. */
export const clientsRotateSecret: Command = {
  name: 'clients rotate-secret',
  summary: 'gives a service a new secret and prints it, once',
  operands: OPERANDS,
  options: OPTIONS,
  notes: ['CLIENT is a client id or a name. A secret that was given a grace before is dead from then on.'],
  run,
}

async function run(context: CommandContext): Promise<ExitCode> {
  const args = readArguments(context.args, { operands: OPERANDS, options: OPTIONS })
  const text = args.operands[0] ?? ''
  const grace = readGrace(args.text('grace'))
  return withLatchkey(context, async ({ core }) => {
    const { id } = await findService(core, text)
    const rotated = await core.administration.rotateServiceSecret(id, { grace })
    if (rotated === null) throw noSuchService(text)
    const { client } = rotated
    const { previousUntil } = client
    const old =
      previousUntil === null ? 'The old one is dead.' : `The old one is good until ${showTime(previousUntil)}.`
    const words = `Gave ${nameService(client)} a new secret. ${old}`
    return tellSecret(context, rotated, { words, isJson: args.flag('json') })
  })
}

function readGrace(text: string | undefined): number {
  if (text === undefined) return 0
  const grace = readLength(text)
  if (grace !== null && grace > 0 && grace <= LONGEST_GRACE) return grace
  throw new UsageError('--grace takes a time such as 30m, 24h or 7d: 1s at least, 90d at most.')
}
