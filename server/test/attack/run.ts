import { describeMachine } from '../../../bench/tools/describe-machine.ts'
import { showProgress } from '../../../bench/tools/show-progress.ts'
import { findBroken, type Outcome, type RunOptions } from './outcome.ts'
import { runGuesses } from './scenarios/guesses.ts'
import { runKeys } from './scenarios/keys.ts'
import { type LegacyTiming, runLegacyTiming } from './scenarios/legacy-timing.ts'
import { runLogins } from './scenarios/logins.ts'
import { runNonsense } from './scenarios/nonsense.ts'
import { runSlow } from './scenarios/slow.ts'
import { runSpray } from './scenarios/spray.ts'
import { runTiming, type Timing } from './scenarios/timing.ts'
import { writeOutcomes } from './write-outcomes.ts'
import { writeReport } from './write-report.ts'
import { writeLegacyTimings, writeTimings } from './write-timings.ts'

const SCENARIOS: Readonly<Record<string, (options: RunOptions) => Promise<readonly Outcome[]>>> = {
  guesses: runGuesses,
  spray: runSpray,
  keys: runKeys,
  nonsense: runNonsense,
  slow: runSlow,
  'logins-500': () => runLogins(500),
  'logins-2000': () => runLogins(2000),
}

const OPTIONS = ['--json', '--long']
const TIMING = 'timing'
const LEGACY_TIMING = 'legacy-timing'

/**
 * Attacks servers of its own in the ways that are named, or in all. Only a run of all is kept.
 *
 * @returns the exit code: 1 where a promise was broken.
 */
async function run(args: readonly string[]): Promise<number> {
  const names = args.filter((arg) => !arg.startsWith('--'))
  const options = args.filter((arg) => arg.startsWith('--'))
  const known = [...Object.keys(SCENARIOS), TIMING, LEGACY_TIMING]
  const odd = [
    ...names.filter((name) => !known.includes(name)),
    ...options.filter((option) => !OPTIONS.includes(option)),
  ]
  if (odd.length > 0) {
    process.stderr.write(`test:attack: there is no ${odd.join(', ')}: only ${[...known, ...OPTIONS].join(', ')}\n`)
    return 1
  }
  const isWanted = (name: string) => names.length === 0 || names.includes(name)
  showProgress(`on ${JSON.stringify(describeMachine())}`)
  const outcomes: Outcome[] = []
  for (const [name, attack] of Object.entries(SCENARIOS)) {
    if (!isWanted(name)) continue
    showProgress(name)
    outcomes.push(...(await attack({ isLong: options.includes('--long') })))
  }
  if (isWanted(TIMING)) showProgress(TIMING)
  const timings = isWanted(TIMING) ? await runTiming() : []
  if (isWanted(LEGACY_TIMING)) showProgress(LEGACY_TIMING)
  const legacyTimings = isWanted(LEGACY_TIMING) ? await runLegacyTiming() : []
  const tables = [writeTimings(timings), writeLegacyTimings(legacyTimings)]
  const text = [outcomes.length > 0 ? writeOutcomes(outcomes) : '', ...tables].join('\n')
  const all = { outcomes, timings, legacyTimings }
  process.stdout.write(options.includes('--json') ? `${JSON.stringify(all, null, 2)}\n` : text)
  if (names.length === 0) writeReport(text)
  return outcomes.every((outcome) => findBroken(outcome).length === 0) &&
    isTimingKept(timings) &&
    isTimingKept(legacyTimings)
    ? 0
    : 1
}

/** The last measure decides; the table shows those before it. */
function isTimingKept(timings: readonly (Timing | LegacyTiming)[]): boolean {
  return timings.at(-1)?.rows.every(({ isKept }) => isKept) ?? true
}

// Servers are ended when this process exits; a signal would not count as that.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
process.exitCode = await run(process.argv.slice(2))
