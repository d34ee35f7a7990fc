import type { Core } from '../core/core.ts'
import type { Throttle, ThrottleKind, ThrottleSubject } from '../core/throttles.ts'
import { type Command, type CommandContext, type ExitCode, JSON_OPTION } from './command.ts'
import { findAccount, nameAccount } from './find-account.ts'
import { printJson, printTable, showTime } from './print.ts'
import { readArguments } from './read-arguments.ts'
import { readNetwork } from './read-network.ts'
import { UsageError } from './refusals.ts'
import { withLatchkey } from './with-latchkey.ts'

const OPTIONS = {
  blocked: { type: 'boolean', help: 'Only those that let nothing through now.' },
  account: { type: 'string', value: 'ACCOUNT', help: 'Only those of this account.' },
  network: {
    type: 'string',
    value: 'NETWORK',
    help: 'Only those of this network, or of the one that an address is in.',
  },
  limit: { type: 'string', value: 'N', help: 'How many at most, 1 to 1000 (default 50).' },
  json: JSON_OPTION,
} as const

/** What each kind counts, in the table's words. */
const KINDS: Record<ThrottleKind, string> = {
  guesses_at_account: 'guesses at an account',
  guesses_at_account_from_known_networks: 'guesses at an account, from where it signed in before',
  guesses_at_unknown_name: 'guesses at a name that nobody has',
  guesses_from_network: 'guesses from a network',
  names_asked_by_network: 'names that a network asked about',
  registrations_from_network: 'registrations from a network',
  letters_to_address: 'letters to an address',
  letters_from_network: 'letters asked for by a network',
}

/** How much of a pseudonym the table shows. */
const PSEUDONYM_WIDTH = 16

/** `latchkey throttle list`. */
export const throttleList: Command = {
  name: 'throttle list',
  summary: 'lists who is held back or has tried, those held back longest first',
  operands: [],
  options: OPTIONS,
  notes: [
    'A name that nobody has, and the address of a letter, are kept as a pseudonym: throttle clear --name NAME finds them.',
    'The limits themselves are settings: LATCHKEY_LIMIT_….',
  ],
  run,
}

async function run(context: CommandContext): Promise<ExitCode> {
  const args = readArguments(context.args, { operands: [], options: OPTIONS })
  const limit = args.number('limit', { min: 1, max: 1000, otherwise: 50 })
  const account = args.text('account')
  const given = args.text('network')
  if (account !== undefined && given !== undefined) throw new UsageError('Name either --account or --network.')
  const network = given === undefined ? undefined : readNetwork(given)
  return withLatchkey(context, async ({ core }) => {
    const subject = await readSubject(core, { account, network })
    const filter = { subject, isBlocked: args.flag('blocked'), limit }
    const throttles = await core.administration.listThrottles(filter)
    if (args.flag('json')) return printJson(context.stdout, throttles.map(throttleToJson))
    const rows: string[][] = []
    for (const throttle of throttles) rows.push(await toRow(core, throttle))
    printTable(context.stdout, ['COUNTED', 'OF', 'COUNT', 'SINCE', 'LAST', 'BLOCKED UNTIL'], rows)
    if (throttles.length === limit) context.stderr.write('There may be more: raise --limit\n')
    return 0
  })
}

async function readSubject(
  core: Core,
  { account, network }: { account: string | undefined; network: string | undefined },
): Promise<ThrottleSubject> {
  if (network !== undefined) return { network }
  return account === undefined ? 'everybody' : { accountId: (await findAccount(core, account)).id }
}

async function toRow(core: Core, throttle: Throttle): Promise<string[]> {
  const { kind, window, count, windowStartedAt, lastAt, blockedUntil } = throttle
  return [
    window === null ? KINDS[kind] : `${KINDS[kind]} in ${window}`,
    await wordOwner(core, throttle),
    String(count),
    showTime(windowStartedAt),
    showTime(lastAt),
    showTime(blockedUntil),
  ]
}

async function wordOwner(core: Core, { accountId, network, pseudonym }: Throttle): Promise<string> {
  if (accountId === null) return network ?? `${pseudonym?.slice(0, PSEUDONYM_WIDTH)}…`
  const account = await core.administration.findAccount(String(accountId))
  return account?.id === accountId ? nameAccount(account) : `account ${accountId} (deleted)`
}

function throttleToJson(throttle: Throttle): unknown {
  const { kind, accountId, network, pseudonym, window, count, windowStartedAt, lastAt, blockedUntil } = throttle
  return {
    kind,
    account_id: accountId,
    network,
    pseudonym,
    window,
    count,
    since: showTime(windowStartedAt),
    last_at: showTime(lastAt),
    blocked_until: blockedUntil === null ? null : showTime(blockedUntil),
  }
}
