import { LEAD, SHORTEST_LEAD } from '../core/signing-keys.ts'
import { type Command, type CommandContext, type ExitCode, JSON_OPTION } from './command.ts'
import { printJson, showTime } from './print.ts'
import { readArguments } from './read-arguments.ts'
import { readLength } from './read-time.ts'
import { CommandFailure, UsageError } from './refusals.ts'
import { keyToJson } from './show-key.ts'
import { withLatchkey } from './with-latchkey.ts'

const OPTIONS = {
  in: { type: 'string', value: 'TIME', help: 'When it signs, such as 30s or 1h (default 10m, at least 5s).' },
  json: JSON_OPTION,
} as const

/** A year: more is a mistake in the unit. */
const LONGEST_LEAD = 31_536_000_000

/** `latchkey keys rotate`. */
export const keysRotate: Command = {
  name: 'keys rotate',
  summary: 'publishes the next signing key, which signs ten minutes later; tokens that are out stay good',
  operands: [],
  options: OPTIONS,
  notes: [
    'Services keep the published keys for five minutes: with --in less than 10m some may refuse tokens of the new key until they ask again.',
  ],
  run,
}

async function run(context: CommandContext): Promise<ExitCode> {
  const args = readArguments(context.args, { operands: [], options: OPTIONS })
  const lead = readLead(args.text('in'))
  return withLatchkey(context, async ({ core }) => {
    const { isAdded, keys } = await core.administration.rotateKeys({ lead })
    const next = keys.find(({ state }) => state === 'next')
    if (!isAdded || next === undefined) {
      throw new CommandFailure(
        next === undefined
          ? 'Somebody else changed the keys meanwhile: see npm run latchkey -- keys list'
          : `A key is to follow already: ${next.kid} signs from ${showTime(next.activeFrom)}.`,
      )
    }
    if (args.flag('json')) return printJson(context.stdout, keyToJson(next))
    context.stdout.write(
      `Added ${next.kid} (${next.algorithm}): published now, signs from ${showTime(next.activeFrom)}.\n`,
    )
    return 0
  })
}

function readLead(text: string | undefined): number {
  if (text === undefined) return LEAD
  const lead = readLength(text)
  if (lead !== null && lead >= SHORTEST_LEAD && lead <= LONGEST_LEAD) return lead
  throw new UsageError('--in takes a time such as 30s, 10m or 2h: 5s at least, a year at most.')
}
