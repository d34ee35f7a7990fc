import isEmailModule from 'validator/lib/isEmail.js'
import isLengthModule from 'validator/lib/isLength.js'
import type { Problem, ProblemRule } from '../../core/errors.ts'

const { default: isEmail } = isEmailModule
const { default: isLength } = isLengthModule

/** A rule of a field's chain: which rule a value breaks, or `null`. Only the first that is broken is told. */
export type Rule = (value: unknown) => Omit<Problem, 'field'> | null

/** Something was sent that is not empty. Absent, `null` and `""` are all "required". */
export const isFilled: Rule = (value) =>
  value === undefined || value === null || value === '' ? { rule: 'required' } : null

/** Only text is text: numbers, truth values, lists and objects are not. */
export function isText(rule: ProblemRule): Rule {
  return (value) => (typeof value === 'string' ? null : { rule })
}

/**
 * validator.js' email rule. It refuses `u@localhost` and IP literals and takes non-ASCII local parts. Control characters,
 * which it takes inside quotes, are refused: an address is written into mail headers.
 */
export const isEmailAddress: Rule = (value) =>
  typeof value === 'string' && isSoundEmail(value) ? null : { rule: 'invalid_email' }

/** At least so many characters, counted as express-validator counts them. */
export function hasLength({ min }: { min: number }): Rule {
  return (value) => (typeof value === 'string' && isLength(value, { min }) ? null : { rule: 'too_short', limit: min })
}

/** At most so many UTF-16 units, to keep what is stored in bounds. */
export function isAtMost(max: number): Rule {
  return (value) => (typeof value === 'string' && value.length > max ? { rule: 'too_long', limit: max } : null)
}

/** Judges each named field of a body by its chain; the problems are in the order of the chains, one a field. */
export function findProblems(
  chains: Readonly<Record<string, readonly Rule[]>>,
  body: ReadonlyMap<string, unknown>,
): Problem[] {
  return Object.entries(chains).flatMap(([field, chain]) => {
    const flaw = chain.map((rule) => rule(body.get(field))).find((found) => found !== null)
    return flaw ? [{ ...flaw, field }] : []
  })
}

/** A field's value if it is text. */
export function textOf(body: ReadonlyMap<string, unknown>, field: string): string | undefined {
  const value = body.get(field)
  return typeof value === 'string' ? value : undefined
}

function isSoundEmail(text: string): boolean {
  // Its own check of the length calls encodeURI, which throws on a lone surrogate.
  return text.isWellFormed() && !/\p{Cc}/u.test(text) && isEmail(text)
}
