import { MOST } from './bounds.ts'
import { FORMATS } from './formats.ts'
import type { HashProblem, LegacyHash } from './legacy-hash.ts'

/** A stored hash whose format is known, and whether it can be checked here. */
export type ReadHash =
  | { readonly format: string; readonly hash: LegacyHash }
  | ({ readonly format: string } & HashProblem)

/** Reads a hash that another back end made, at next to no cost; `null` where it is of no format that is known. */
export function readLegacyHash(stored: string): ReadHash | null {
  if (stored.length > MOST.characters) return null
  for (const { name, read } of FORMATS) {
    const hash = read(stored)
    if (hash !== null) return 'problem' in hash ? { format: name, problem: hash.problem } : { format: name, hash }
  }
  return null
}
