import type { AuditFault } from '../core/audit-faults.ts'
import type { AuditPlace } from '../core/ports.ts'
import type { AuditVerdict } from '../core/verify-audit.ts'
import { type Command, type CommandContext, type ExitCode, JSON_OPTION } from './command.ts'
import { printJson, showCount } from './print.ts'
import { readArguments } from './read-arguments.ts'
import { UsageError } from './refusals.ts'
import { createProgress } from './show-progress.ts'
import { withLatchkey } from './with-latchkey.ts'

const OPTIONS = {
  expect: {
    type: 'string',
    value: 'SEQ:HASH',
    help: 'What an earlier verification said the log ended with: it must still be in it.',
  },
  json: JSON_OPTION,
} as const

/** How many faults are shown. */
const SHOWN = 20

/** `latchkey audit verify`. */
export const auditVerify: Command = {
  name: 'audit verify',
  summary: 'checks that no entry of the audit log was changed, removed, moved or added',
  operands: [],
  options: OPTIONS,
  notes: [
    'Exit code 1 when anything is wrong. Keep the end that it prints where whoever can write to the database cannot,',
    'and give it to the next run as --expect: only so is a database found that was put back to an earlier state.',
  ],
  run,
}

const WORDS: Record<AuditFault['kind'], (fault: AuditFault) => string> = {
  changed: ({ seq }) => `entry ${seq} was changed.`,
  unlinked: ({ seq }) => `entry ${seq} does not follow from the one before it, which is broken too.`,
  moved: ({ seq, belongsAt }) => `entry ${seq} was written as entry ${belongsAt}: it was moved.`,
  missing: (fault) => `${nameRange(fault)} missing.`,
  beginning_removed: (fault) => `${nameRange(fault)} missing: the beginning was removed, and not by pruning.`,
  inserted: ({ seq }) => `entry ${seq} is where none was written: it was added.`,
  anchor_changed: () => 'where the log begins (audit_ends) was changed.',
  head_changed: () => 'where the log ends (audit_ends) was changed.',
  not_as_expected: ({ seq }) => `entry ${seq} is not the one that was expected: the log was put back or rewritten.`,
  cut_off: ({ seq }) => `entry ${seq}, which was expected, is beyond the end: the log was cut off or put back.`,
}

async function run(context: CommandContext): Promise<ExitCode> {
  const args = readArguments(context.args, { operands: [], options: OPTIONS })
  const expect = readPlace(args.text('expect'))
  const progress = createProgress(context.stderr)
  return withLatchkey(context, async ({ core }) => {
    try {
      const onProgress = (done: number) => progress.show(`Checking entry ${done}`)
      const verdict = await core.administration.verifyAudit({ expect, onProgress })
      progress.clear()
      if (args.flag('json')) printJson(context.stdout, toJson(verdict))
      else context.stdout.write(`${word(verdict).join('\n')}\n`)
      return verdict.faults.length === 0 ? 0 : 1
    } finally {
      progress.clear()
    }
  })
}

function readPlace(text: string | undefined): AuditPlace | undefined {
  if (text === undefined) return undefined
  const [, seq, hash] = /^(\d{1,15}):([0-9a-f]{64})?$/.exec(text) ?? []
  if (seq === undefined || (hash === undefined) !== (Number(seq) === 0)) {
    throw new UsageError('--expect takes SEQ:HASH, as latchkey audit verify prints it.')
  }
  return { seq: Number(seq), hash: hash ?? '' }
}

function word({ entries, first, head, faults, isKeyRight, expectation }: AuditVerdict): string[] {
  const end = `Its end is ${head.seq}:${head.hash}`
  const whole =
    first === null
      ? 'no entries'
      : `${showCount(entries, 'entry').replace(/entrys$/, 'entries')}, from ${first} to ${head.seq}`
  if (faults.length === 0) {
    const met = expectation === 'met' ? ' What was expected is in it.' : ''
    const unknown =
      expectation === 'unknown' ? ' What was expected has been pruned since: nothing can be said of it.' : ''
    return [`The audit log is as it was written: ${whole}.${met}${unknown}`, end]
  }
  const shown = faults.slice(0, SHOWN).map((fault) => `  - ${WORDS[fault.kind](fault)}`)
  const more = faults.length > SHOWN ? ['  - and more: --json shows up to a hundred of each kind.'] : []
  if (!isKeyRight) {
    return [
      'No entry of the audit log fits the secret in force: it was written under another one, or all of it was rewritten.',
      ...shown,
      ...more,
    ]
  }
  return [`The audit log (${whole}) is not as it was written:`, ...shown, ...more]
}

function toJson({ entries, first, head, faults, isKeyRight, expectation }: AuditVerdict): unknown {
  return {
    ok: faults.length === 0,
    entries,
    first,
    head: `${head.seq}:${head.hash}`,
    expected: expectation,
    secret_fits: isKeyRight,
    faults: faults.map(({ kind, seq, until, belongsAt }) => ({
      kind,
      seq,
      ...(until === undefined ? {} : { until }),
      ...(belongsAt === undefined ? {} : { belongs_at: belongsAt }),
    })),
  }
}

function nameRange({ seq, until }: AuditFault): string {
  return until === undefined || until === seq ? `entry ${seq} is` : `entries ${seq} to ${until} are`
}
