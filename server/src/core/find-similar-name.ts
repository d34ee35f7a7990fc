import type { SimilarTo } from './errors.ts'
import { countCodePoints } from './text.ts'

/** A name that a guesser would try, and whose it is. */
export type NamedText = { readonly of: SimilarTo; readonly text: string }

/** How much of a password must be left when names are taken out of it, in code points. */
const LEAST_OF_ITS_OWN = 8
/** Shorter parts of names are in too many words to be anybody's. */
const SHORTEST_NAME = 4
/** What stands between words and counts for nothing: punctuation, space, and the signs of a keyboard. */
const SEPARATORS = /[\p{P}\p{Z}\p{C}\p{Sc}\p{Sk}\p{Sm}]+/gu

/**
 * Finds the name that a password is made of: when everything is taken out of it that stands in one of the names, too
 * little is left. A password that merely has a name in it is nobody's business.
 *
 * @returns whose name it is, the longest that was found, or `null`.
 */
export function findSimilarName(password: string, names: readonly NamedText[]): SimilarTo | null {
  const words = names.flatMap(({ of, text }) => wordsOf(text).map((word) => ({ of, word })))
  let rest = fold(password).replace(SEPARATORS, '')
  let similarTo: SimilarTo | null = null
  for (const { of, word } of words.sort((left, right) => right.word.length - left.word.length)) {
    if (!rest.includes(word)) continue
    similarTo ??= of
    rest = rest.replaceAll(word, '')
  }
  return countCodePoints(rest) < LEAST_OF_ITS_OWN ? similarTo : null
}

/** The parts of a name, and the whole without what stands between them; the two sides of an address by themselves. */
function wordsOf(name: string): readonly string[] {
  const words = fold(name)
    .split('@')
    .flatMap((side) => [side.replace(SEPARATORS, ''), ...side.split(SEPARATORS)])
  return [...new Set(words)].filter((word) => countCodePoints(word) >= SHORTEST_NAME)
}

function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase()
}
