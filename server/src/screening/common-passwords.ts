import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { stripOuterSpace } from '../core/text.ts'
import { type PackedList, packList } from './pack-list.ts'

/** The passwords that are tried first. */
export type CommonPasswords = {
  /** How many stand in the list. */
  readonly count: number
  has(password: string): boolean
}

const LIST = '@zxcvbn-ts/language-common/src/passwords.json'
/** Whatever is repeated is weak when it is shorter than this: it has fewer characters than any password may have. */
const SHORTEST_OF_ITS_OWN = 8

/**
 * Loads zxcvbn's list of common passwords: counted from Mark Burnett's ten million leaked ones, kept up by zxcvbn-ts and
 * published under the MIT licence as `@zxcvbn-ts/language-common`.
 *
 * As NIST SP 800-63B-4 (3.1.1.2) wants it, the whole password is held against the list and never a part of it: in any
 * case and width, without outer white space, forwards and backwards. What zxcvbn finds by a pattern it leaves out of its
 * list, so two patterns are looked for as well: runs (`abcdefgh`, `9876543210`) and repetitions (`xyzxyzxyz`).
 */
export async function loadCommonPasswords(): Promise<CommonPasswords> {
  // The list by itself, not the package's index: that unpacks it slowly, with a dictionary and keyboards beside it.
  const listed = packList(await readFile(fileURLToPath(import.meta.resolve(LIST))))
  return { count: listed.count, has: (password) => isCommon(listed, fold(password)) }
}

function fold(password: string): string {
  return stripOuterSpace(password.normalize('NFKC').toLowerCase())
}

function isCommon(listed: PackedList, text: string): boolean {
  if (isPlain(listed, text)) return true
  const period = findPeriod(text)
  if (period === text.length) return false
  const isShort = period < SHORTEST_OF_ITS_OWN && text.length >= 2 * period
  return isShort || isPlain(listed, text.slice(0, period))
}

function isPlain(listed: PackedList, text: string): boolean {
  return listed.has(text) || listed.has([...text].reverse().join('')) || isRun(text)
}

/** Whether each character follows the one before it, or each goes before it; after 9 comes 0. */
function isRun(text: string): boolean {
  if (text.length < 3) return false
  return [1, -1].some((step) => {
    for (let index = 1; index < text.length; index++) {
      const previous = text.charCodeAt(index - 1)
      const next = isDigit(previous) ? 0x30 + ((previous - 0x30 + step + 10) % 10) : previous + step
      if (text.charCodeAt(index) !== next) return false
    }
    return true
  })
}

function isDigit(codeUnit: number): boolean {
  return codeUnit >= 0x30 && codeUnit <= 0x39
}

/** After how many characters a text begins again; the last repetition may be cut. Linear in its length (Knuth, Morris, Pratt). */
function findPeriod(text: string): number {
  const borders = [0]
  let border = 0
  for (let index = 1; index < text.length; index++) {
    while (border > 0 && text.charAt(index) !== text.charAt(border)) border = borders[border - 1] ?? 0
    if (text.charAt(index) === text.charAt(border)) border++
    borders.push(border)
  }
  return text.length - (borders.at(-1) ?? 0)
}
