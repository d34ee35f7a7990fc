import type { WaitingDelivery } from '../core/ports.ts'
import { type Command, type CommandContext, type ExitCode, JSON_OPTION } from './command.ts'
import { printJson, printTable, showTime } from './print.ts'
import { readArguments } from './read-arguments.ts'
import { withLatchkey } from './with-latchkey.ts'

const OPTIONS = {
  limit: { type: 'string', value: 'N', help: 'How many at most, 1 to 1000 (default 50).' },
  json: JSON_OPTION,
} as const

/** `latchkey webhooks list`. */
export const webhooksList: Command = {
  name: 'webhooks list',
  summary: 'lists events that the webhook has not been told yet, oldest first',
  operands: [],
  options: OPTIONS,
  run,
}

async function run(context: CommandContext): Promise<ExitCode> {
  const args = readArguments(context.args, { operands: [], options: OPTIONS })
  const limit = args.number('limit', { min: 1, max: 1000, otherwise: 50 })
  return withLatchkey(context, async ({ core }) => {
    const deliveries = await core.administration.listDeliveries(limit)
    if (args.flag('json')) return printJson(context.stdout, deliveries.map(deliveryToJson))
    printTable(
      context.stdout,
      ['EVENT', 'TYPE', 'HAPPENED', 'TRIES', 'NEXT TRY'],
      deliveries.map(({ seq, type, at, tries, dueAt }) => [
        String(seq),
        type ?? '-',
        showTime(at),
        String(tries),
        showTime(dueAt),
      ]),
    )
    if (deliveries.length === limit) context.stderr.write('There may be more: raise --limit\n')
    return 0
  })
}

function deliveryToJson({ seq, type, at, tries, dueAt }: WaitingDelivery): unknown {
  return { sequence: seq, type, at: at === null ? null : showTime(at), tries, next_try_at: showTime(dueAt) }
}
