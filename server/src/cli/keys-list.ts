import { type Command, type CommandContext, type ExitCode, JSON_OPTION } from './command.ts'
import { printJson, printTable } from './print.ts'
import { readArguments } from './read-arguments.ts'
import { KEY_HEADINGS, keyToJson, keyToRow } from './show-key.ts'
import { withLatchkey } from './with-latchkey.ts'

const OPTIONS = { json: JSON_OPTION } as const

/** `latchkey keys list`. */
export const keysList: Command = {
  name: 'keys list',
  summary: 'lists the keys that sign tokens, newest first',
  operands: [],
  options: OPTIONS,
  notes: [
    'next: published, and signs from the time shown. signing: signs now. retired: signs no more; its tokens are good until the time shown. over: that time has come, and a server removes it. revoked: none of its tokens is taken.',
  ],
  run,
}

async function run(context: CommandContext): Promise<ExitCode> {
  const args = readArguments(context.args, { operands: [], options: OPTIONS })
  return withLatchkey(context, async ({ core }) => {
    const keys = await core.administration.listSigningKeys()
    if (args.flag('json')) return printJson(context.stdout, keys.map(keyToJson))
    printTable(context.stdout, KEY_HEADINGS, keys.map(keyToRow))
    return 0
  })
}
