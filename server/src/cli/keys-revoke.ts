import type { ListedKey } from '../core/signing-keys.ts'
import { type Command, type CommandContext, type ExitCode, JSON_OPTION } from './command.ts'
import { confirm } from './confirm.ts'
import { printJson, showCount } from './print.ts'
import { readArguments } from './read-arguments.ts'
import { CommandFailure, UsageError } from './refusals.ts'
import { withLatchkey } from './with-latchkey.ts'

const OPERANDS = [{ name: 'KID' }] as const
const OPTIONS = {
  yes: { type: 'boolean', help: 'Does not ask first.' },
  json: JSON_OPTION,
} as const
/** A SHA-256 in base64url. */
const HYPHENATED_KID = /^-[A-Za-z0-9_-]{42}$/

/** `latchkey keys revoke`. */
export const keysRevoke: Command = {
  name: 'keys revoke',
  summary: 'revokes a signing key that others may have: none of its tokens is taken any more',
  operands: OPERANDS,
  options: OPTIONS,
  notes: [
    'Every process refuses its tokens within a second; services that check by themselves do so when they next ask for the keys, after five minutes at most. If it was the one that signs, another does at once.',
  ],
  run,
}

async function run(context: CommandContext): Promise<ExitCode> {
  const args = readArguments(setKidApart(context.args), { operands: OPERANDS, options: OPTIONS })
  const [kid = ''] = args.operands
  const isSure = args.flag('yes')
  if (!isSure && context.stdin.isTTY !== true) {
    throw new UsageError(
      'Everybody with a token of this key would have to sign in again: add --yes, as there is no terminal to ask on.',
    )
  }
  return withLatchkey(context, async ({ core }) => {
    const key = (await core.administration.listSigningKeys()).find((listed) => listed.kid === kid)
    if (key === undefined || key.state === 'revoked') throw new CommandFailure(wordNone(kid, key))
    if (!isSure && !(await confirm(context, `Revoke ${kid}? Whoever has a token of it signs in again.`))) {
      throw new CommandFailure('Nothing was revoked.')
    }
    const outcome = await core.administration.revokeKey(kid)
    if (outcome === null) throw new CommandFailure(wordNone(kid, undefined))
    const { keys, sessions } = outcome
    const signing = keys.find(({ state }) => state === 'signing')
    if (args.flag('json')) return printJson(context.stdout, { revoked: kid, signing: signing?.kid ?? null, sessions })
    context.stdout.write(
      `Revoked ${kid}: tokens of ${showCount(sessions, 'session')} that were opened while it signed are dead.\n` +
        `${signing?.kid ?? 'No key'} signs now.\n`,
    )
    return 0
  })
}

/** One kid in 64 begins with a hyphen: it is no option for that. */
function setKidApart(args: readonly string[]): readonly string[] {
  const isKid = (arg: string) => HYPHENATED_KID.test(arg)
  return args.includes('--') ? args : [...args.filter((arg) => !isKid(arg)), '--', ...args.filter(isKid)]
}

function wordNone(kid: string, key: ListedKey | undefined): string {
  return key === undefined
    ? `There is no key ${kid}: see npm run latchkey -- keys list`
    : `${kid} was revoked before. Nothing was changed.`
}
