import { readWholeNumber } from './read-values.ts'
import type { Setting } from './setting.ts'

/** Ten years: more is a mistake in the unit. */
const MAX_SECONDS = 315_360_000

/** A setting that says for how many seconds something lives. */
export function lifetimeSetting(name: string, seconds: number, description: string): Setting<number> {
  return {
    name,
    description: `${description}.`,
    default: String(seconds),
    read: (text) => readWholeNumber(text, { min: 1, max: MAX_SECONDS }),
    write: String,
  }
}
