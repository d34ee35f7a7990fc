/** One broken rule, said so that whoever broke it can mend it without asking. */
export type Violation = {
  /** From the root of the repository, with forward slashes. */
  readonly file: string
  readonly line: number
  readonly what: string
  readonly why: string
  readonly fix: string
}

/** What a check found, and in `checked` what it looked at. */
export type Verdict = {
  readonly violations: readonly Violation[]
  readonly checked: string
}

/** One line for a violation: where, what, why, what to do. */
export function describe({ file, line, what, why, fix }: Violation): string {
  return `${file}:${line}: ${what}; ${why}; ${fix}`
}

/** Prints a verdict and, if anything is wrong, makes the process end with 1. */
export function report(check: string, { violations, checked }: Verdict): void {
  if (violations.length === 0) {
    console.log(`${check}: ${checked}`)
    return
  }
  for (const violation of violations) console.error(describe(violation))
  console.error(`${check}: ${violations.length} to mend`)
  process.exitCode = 1
}
