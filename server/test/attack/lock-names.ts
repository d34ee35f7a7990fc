import type { Site } from './site.ts'

/** So many wrong guesses at once use up any budget; so many more, each after the longest wait, make the next one as long. */
const AT_ONCE = 10
const MORE = 11
const LONGEST_WAIT = 900_000

/** Locks names for a quarter of an hour from now, by guessing at them on a clock that was hours behind and has caught up. */
export async function lockNames(site: Site, names: readonly string[]): Promise<void> {
  for (const identifier of names) {
    let time = Date.now() - MORE * LONGEST_WAIT
    for (let guess = 0; guess < AT_ONCE; guess++) await site.guess(identifier, time)
    for (let guess = 0; guess < MORE; guess++) {
      time += LONGEST_WAIT
      await site.guess(identifier, time)
    }
  }
}
