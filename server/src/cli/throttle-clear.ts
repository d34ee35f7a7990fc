import type { Core } from '../core/core.ts'
import type { ThrottleSubject } from '../core/throttles.ts'
import { type Command, type CommandContext, type ExitCode, JSON_OPTION } from './command.ts'
import { confirm } from './confirm.ts'
import { findAccount } from './find-account.ts'
import { printJson, showCount } from './print.ts'
import { readArguments } from './read-arguments.ts'
import { readNetwork } from './read-network.ts'
import { CommandFailure, UsageError } from './refusals.ts'
import { withLatchkey } from './with-latchkey.ts'

const OPTIONS = {
  account: { type: 'string', value: 'ACCOUNT', help: 'Guesses at this account, and letters to its address.' },
  name: { type: 'string', value: 'NAME', help: 'Guesses at an email or username that nobody has, and letters to it.' },
  network: {
    type: 'string',
    value: 'NETWORK',
    help: 'All that is counted of this network, or of the one an address is in.',
  },
  all: { type: 'boolean', help: 'Everything that is counted of everybody.' },
  yes: { type: 'boolean', help: 'Does not ask first; for --all.' },
  json: JSON_OPTION,
} as const

/** `latchkey throttle clear`. */
export const throttleClear: Command = {
  name: 'throttle clear',
  summary: 'forgets what was counted of an account, a name, a network or everybody, so that they may try again at once',
  operands: [],
  options: OPTIONS,
  notes: ['It is told in the audit log. Whoever guessed before may guess again, too: look at audit list first.'],
  run,
}

async function run(context: CommandContext): Promise<ExitCode> {
  const args = readArguments(context.args, { operands: [], options: OPTIONS })
  const account = args.text('account')
  const name = args.text('name')
  const given = args.text('network')
  const isAll = args.flag('all')
  const ways = [account !== undefined, name !== undefined, given !== undefined, isAll]
  if (ways.filter(Boolean).length !== 1) {
    throw new UsageError('Name one of --account ACCOUNT, --name NAME and --network NETWORK, or add --all.')
  }
  const network = given === undefined ? undefined : readNetwork(given)
  const isSure = !isAll || args.flag('yes')
  if (!isSure && context.stdin.isTTY !== true) {
    throw new UsageError('Everybody could guess anew: add --yes, as there is no terminal to ask on.')
  }
  return withLatchkey(context, async ({ core }) => {
    if (!isSure && !(await confirm(context, 'Forget every attempt of everybody?'))) {
      throw new CommandFailure('Nothing was cleared.')
    }
    const cleared = await core.administration.clearThrottles(await readSubject(core, { account, name, network }))
    if (args.flag('json')) return printJson(context.stdout, { cleared })
    context.stdout.write(`Cleared ${showCount(cleared, 'counter')}.\n`)
    return 0
  })
}

async function readSubject(
  core: Core,
  { account, name, network }: Readonly<Record<'account' | 'name' | 'network', string | undefined>>,
): Promise<ThrottleSubject> {
  if (account !== undefined) return { accountId: (await findAccount(core, account)).id }
  if (name !== undefined) return { name }
  return network === undefined ? 'everybody' : { network }
}
