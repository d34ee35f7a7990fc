import type { Reading } from './setting.ts'

/** Reads a whole number within limits, both allowed. */
export function readWholeNumber(text: string, { min, max }: { min: number; max: number }): Reading<number> {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
  return value >= min && value <= max
    ? { value }
    : { problems: [`must be a whole number from ${min} to ${max}, written in digits only.`] }
}

/** Reads one of a few words, in any case. */
export function readChoice<const Choice extends string>(text: string, choices: readonly Choice[]): Reading<Choice> {
  const value = choices.find((choice) => choice.toLowerCase() === text.toLowerCase())
  return value === undefined ? { problems: [`must be one of ${choices.join(', ')}.`] } : { value }
}

/** Reads one of two words as a boolean. */
export function readSwitch(text: string, words: { yes: string; no: string }): Reading<boolean> {
  const reading = readChoice(text, [words.yes, words.no])
  return 'problems' in reading ? reading : { value: reading.value === words.yes }
}

/** Reads a comma list entry by entry; a problem says which entry it is about, and repetitions are dropped. */
export function readList<Entry extends string>(
  text: string,
  readEntry: (entry: string) => Reading<Entry>,
): Reading<readonly Entry[]> {
  const entries = text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
  const values = new Set<Entry>()
  const problems: string[] = []
  for (const [index, entry] of entries.entries()) {
    const reading = readEntry(entry)
    if ('value' in reading) values.add(reading.value)
    else problems.push(...reading.problems.map((problem) => `(entry ${index + 1} of ${entries.length}) ${problem}`))
  }
  return problems.length === 0 ? { value: [...values] } : { problems }
}
