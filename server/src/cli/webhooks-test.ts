import { describeWebhook } from '../config/read-webhook.ts'
import { readConfig } from '../read-config.ts'
import { type Command, type CommandContext, type ExitCode, JSON_OPTION } from './command.ts'
import { makePrintable, printJson } from './print.ts'
import { readArguments } from './read-arguments.ts'
import { CommandFailure } from './refusals.ts'
import { describeError } from './report-error.ts'
import { withLatchkey } from './with-latchkey.ts'

const OPTIONS = { json: JSON_OPTION } as const

/** `latchkey webhooks test`. */
export const webhooksTest: Command = {
  name: 'webhooks test',
  summary: 'tells the webhook an event of the type webhook_test, and says what became of it',
  operands: [],
  options: OPTIONS,
  notes: ['It is told once, from this machine. The exit code is 1 if the webhook did not take it.'],
  run,
}

async function run(context: CommandContext): Promise<ExitCode> {
  const args = readArguments(context.args, { operands: [], options: OPTIONS })
  const { webhookUrl } = readConfig(context.env)
  if (webhookUrl === null) {
    throw new CommandFailure('There is no webhook: set LATCHKEY_WEBHOOK_URL and LATCHKEY_WEBHOOK_SECRET.')
  }
  const where = describeWebhook(webhookUrl)
  const problem = await withLatchkey(context, async ({ core }) => {
    try {
      const outcome = await core.administration.testWebhook()
      return outcome === 'taken' ? null : 'it answered 410 Gone, and would be told each event once'
    } catch (error) {
      return describeError(error)
    }
  })
  if (args.flag('json')) printJson(context.stdout, { ok: problem === null, webhook: where, problem })
  else if (problem === null) context.stdout.write(`${where} took the test event.\n`)
  else context.stderr.write(`${where} did not take the test event: ${makePrintable(problem)}\n`)
  return problem === null ? 0 : 1
}
