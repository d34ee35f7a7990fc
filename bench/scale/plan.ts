/** The databases that are measured. */
export const ENGINES = ['sqlite', 'postgres'] as const
export type EngineName = (typeof ENGINES)[number]

/** How many accounts there are, by the name that a size has on the command line. */
export const SIZES = { '1k': 1_000, '100k': 100_000, '1m': 1_000_000 } as const
export type SizeName = keyof typeof SIZES

/** What can be measured, in the order in which it is. */
export const PARTS = ['latency', 'commits', 'groups', 'http', 'memory'] as const
export type PartName = (typeof PARTS)[number]

/** Sessions of each account: one with a key, and one with a pair of tokens. */
export const SESSIONS_EACH = 2
/** One account in so many has attempts that are remembered, and so has one network for each such account. */
export const ACCOUNTS_PER_COUNTER = 50

/** What one run does. */
export type Plan = {
  readonly engines: readonly EngineName[]
  readonly sizes: readonly SizeName[]
  readonly parts: readonly PartName[]
  /** Whether it is all there is: only such a run is kept. */
  readonly isWhole: boolean
}

/**
 * Reads the words of the command line: engines, sizes and parts in any order. Of what none is named, all are taken.
 *
 * @throws {Error} one sentence, when a word means nothing.
 */
export function readPlan(words: readonly string[]): Plan {
  const sizeNames: readonly SizeName[] = ['1k', '100k', '1m']
  const known: readonly string[] = [...ENGINES, ...sizeNames, ...PARTS]
  const unknown = words.filter((word) => !known.includes(word))
  if (unknown.length > 0) throw new Error(`There is no ${unknown.join(', ')}: only ${known.join(', ')}.`)
  const choose = <Name extends string>(names: readonly Name[]) => {
    const chosen = names.filter((name) => words.includes(name))
    return chosen.length === 0 ? names : chosen
  }
  return {
    engines: choose(ENGINES),
    sizes: choose(sizeNames),
    parts: choose(PARTS),
    isWhole: words.length === 0,
  }
}
