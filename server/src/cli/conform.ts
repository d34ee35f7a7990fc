import { randomInt } from 'node:crypto'
import type { Verdict } from '../proving/conform.ts'
import { showTarget } from '../proving/read-target.ts'
import { type Command, type CommandContext, type ExitCode, JSON_OPTION } from './command.ts'
import { confirm } from './confirm.ts'
import { createPace } from './pace.ts'
import { makePrintable, printJson, showCount } from './print.ts'
import { readArguments } from './read-arguments.ts'
import { ASKING_OPTIONS, readServer } from './read-server.ts'
import { CommandFailure, UsageError } from './refusals.ts'
import { countResults, writeConformity } from './show-conformity.ts'
import { createProgress } from './show-progress.ts'

const OPERANDS = [{ name: 'URL' }] as const
const OPTIONS = {
  contract: { type: 'string', value: 'NAME', help: 'drf-jwt, drf-token, express-jwt or simplejwt.' },
  ...ASKING_OPTIONS,
  yes: { type: 'boolean', help: 'Makes accounts there without asking first.' },
  json: JSON_OPTION,
} as const

/** Passwords are made longer by so many letters. */
const LETTERS = 'bcdfghjkmnpqrstvwxz'
const LETTER_COUNT = 6

/** `latchkey conform`. */
export const conform: Command = {
  name: 'conform',
  summary: 'tries on any server, the old one or this, all that a contract promises',
  operands: OPERANDS,
  options: OPTIONS,
  notes: [
    'URL may have a path, which is put before those of the contract: https://old.example.com/accounts.',
    'It makes accounts there, with names that nobody has, and cannot remove them: a copy of the server is best.',
    'Exit code 1 when an answer differs and no reason for it is known. docs/conform.md says more.',
  ],
  run,
}

async function run(context: CommandContext): Promise<ExitCode> {
  const args = readArguments(context.args, { operands: OPERANDS, options: OPTIONS })
  const timeout = args.number('timeout', { min: 1, max: 600, otherwise: 10 })
  const perSecond = args.number('per-second', { min: 1, max: 10_000, otherwise: 10 })
  const target = readServer('URL', args.operands[0] ?? '', { header: args.text('header'), timeout })
  // No other command needs what every contract promises.
  const { conform: tryContract } = await import('../proving/conform.ts')
  const { countAccounts, readCases, TRIED_CONTRACTS } = await import('../proving/read-cases.ts')
  const contract = args.text('contract')
  if (contract === undefined || !TRIED_CONTRACTS.includes(contract)) {
    throw new UsageError(`--contract takes the name of a contract: ${TRIED_CONTRACTS.join(', ')}.`)
  }
  const cases = readCases(contract)
  const url = showTarget(target)
  const digits = String(randomInt(1_000_000, 10_000_000))
  await agreeToAccounts(context, { url, digits, accounts: countAccounts(cases), isSure: args.flag('yes') })
  const progress = createProgress(context.stderr)
  const trial = { contract, cases, target, digits, letters: makeLetters(), pace: createPace(perSecond) }
  const verdict = await tryContract({
    ...trial,
    onProgress: (done, total) => progress.show('Asking', { done, total, noun: 'case' }),
  }).finally(() => progress.clear())
  refuseSilence(verdict, url)
  const isFine = verdict.stopped === null && verdict.outcomes.every(({ result }) => result !== 'differs')
  if (args.flag('json')) printJson(context.stdout, toJson(verdict, { url, contract, digits, isFine }))
  else context.stdout.write(`${writeConformity(verdict, { url, contract, digits }).join('\n')}\n`)
  return isFine ? 0 : 1
}

async function agreeToAccounts(
  context: CommandContext,
  { url, digits, accounts, isSure }: { url: string; digits: string; accounts: number; isSure: boolean },
): Promise<void> {
  const what = `This makes up to ${showCount(accounts, 'account')} at ${makePrintable(url)}, with ${digits} in each name.`
  if (isSure) return
  if (context.stdin.isTTY !== true) {
    throw new UsageError(`${what} Add --yes, as there is no terminal to ask on.`)
  }
  if (!(await confirm(context, `${what} Go on?`))) throw new CommandFailure('Nothing was asked, and nothing made.')
}

/** A server that never answered was not tried. */
function refuseSilence({ outcomes, stopped }: Verdict, url: string): void {
  const isSilent = outcomes.every(({ result, differences }) => {
    return result === 'untried' || differences.some(({ at }) => at === 'answer')
  })
  if (isSilent && stopped !== null) throw new CommandFailure(`${makePrintable(url)} could not be tried. ${stopped}.`)
}

function makeLetters(): string {
  return Array.from({ length: LETTER_COUNT }, () => LETTERS[randomInt(LETTERS.length)]).join('')
}

function toJson(
  verdict: Verdict,
  { url, contract, digits, isFine }: { url: string; contract: string; digits: string; isFine: boolean },
): unknown {
  return {
    ok: isFine,
    url,
    contract,
    names_have: digits,
    stopped: verdict.stopped,
    ...countResults(verdict),
    cases: verdict.outcomes.map(({ case: tried, result, reason, differences }) => ({
      name: tried.name,
      kind: tried.kind,
      request: `${tried.request.method} ${tried.request.path}`,
      result,
      ...(reason === null ? {} : { reason }),
      ...(differences.length === 0
        ? {}
        : { differences: differences.map(({ at, expected, got }) => ({ at, promised: expected, came: got })) }),
    })),
  }
}
