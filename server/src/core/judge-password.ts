import type { Profile } from './account.ts'
import { AuthError, type Problem, type SimilarTo } from './errors.ts'
import { findSimilarName, type NamedText } from './find-similar-name.ts'
import { findPasswordProblem } from './password-rules.ts'
import type { Ports } from './ports.ts'
import { countCodePoints } from './text.ts'

/** The shortest password under `hardened` rules (NIST SP 800-63B-4, 3.1.1.2), in code points, where it is the only factor. */
export const HARDENED_LENGTH = 15
/** The same for an account that has a second factor. */
export const HARDENED_LENGTH_WITH_SECOND_FACTOR = 8

/** A password about to be set. */
export type NewPassword = {
  /** As it came in; absent where no text came in at all, which `own` says. */
  readonly password: string | undefined
  /** What the door calls the field. */
  readonly field: string
  readonly names: readonly NamedText[]
  /** What the door found wrong with the whole form. */
  readonly own: readonly Problem[]
  readonly hasSecondFactor?: boolean
}

/**
 * Everything that is wrong with a form in which a password is set: the door's own problems and, behind them, the
 * policy's. `documented` adds nothing but what cannot be hashed faithfully; each contract has its own rule. `hardened`
 * refuses what is short, made of names, or common. Nobody is asked, so this costs nothing.
 */
export function judgePassword(
  ports: Pick<Ports, 'policy' | 'screening'>,
  { password, field, names, own, hasSecondFactor = false }: NewPassword,
): readonly Problem[] {
  const isHardened = ports.policy.rules === 'hardened'
  const limit = hasSecondFactor ? HARDENED_LENGTH_WITH_SECOND_FACTOR : HARDENED_LENGTH
  const told = isHardened ? own.map((problem) => lengthen(problem, { field, limit })) : own
  // Of two that differ, nobody knows which is meant.
  if (password === undefined || own.some((problem) => problem.field === field && problem.rule === 'mismatch'))
    return told
  const problem = findPasswordProblem(password, field)
  const found = problem !== null ? [problem] : isHardened ? findFlaws(ports, { password, field, names, limit }) : []
  const isTold = ({ rule }: Problem) => told.some((other) => other.field === field && other.rule === rule)
  return [...told, ...found.filter((flaw) => !isTold(flaw))]
}

/**
 * Screens a password that is about to be hashed. It comes last, because a breach may have to be asked for over the
 * network.
 *
 * @returns whether it is weak though nothing forbids it: common or breached under `documented` rules.
 * @throws {AuthError} `invalid_input` (`breached`) under `hardened` rules.
 */
export async function screenPassword(
  { policy, screening }: Pick<Ports, 'policy' | 'screening'>,
  { password, field }: { password: string; field: string },
): Promise<boolean> {
  const normalised = password.normalize('NFC')
  if (policy.rules === 'documented') return screening.isCommon(normalised) || (await screening.isBreached(normalised))
  if (!(await screening.isBreached(normalised))) return false
  throw new AuthError('invalid_input', { problems: [{ field, rule: 'breached' }] })
}

/** What a guesser would try of somebody. */
export function namesOf({
  email,
  username,
  profile = {},
}: {
  readonly email?: string | null | undefined
  readonly username?: string | null | undefined
  readonly profile?: Partial<Profile>
}): readonly NamedText[] {
  const texts: readonly [SimilarTo, string | null | undefined][] = [
    ['username', username],
    ['first_name', profile.firstName],
    ['last_name', profile.lastName],
    ['name', profile.name],
    ['email', email],
  ]
  return texts.flatMap(([of, text]) => (text ? [{ of, text }] : []))
}

function findFlaws(
  { policy, screening }: Pick<Ports, 'policy' | 'screening'>,
  { password, field, names, limit }: { password: string; field: string; names: readonly NamedText[]; limit: number },
): Problem[] {
  const normalised = password.normalize('NFC')
  const products = policy.productNames.map((text): NamedText => ({ of: 'product', text }))
  const similarTo = findSimilarName(normalised, [...names, ...products])
  const problems: Problem[] = []
  if (countCodePoints(normalised) < limit) problems.push({ field, rule: 'too_short', limit })
  if (similarTo !== null) problems.push({ field, rule: 'too_similar', similarTo })
  if (screening.isCommon(normalised)) problems.push({ field, rule: 'common' })
  return problems
}

/** A door's own shortest length gives way to the policy's, so that nobody is told first the one and then the other. */
function lengthen(problem: Problem, { field, limit }: { field: string; limit: number }): Problem {
  const isShort = problem.field === field && problem.rule === 'too_short'
  return isShort ? { ...problem, limit: Math.max(problem.limit ?? 0, limit) } : problem
}
