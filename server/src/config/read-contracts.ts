import { findNearest } from './find-nearest.ts'
import { readList } from './read-values.ts'
import type { Reading, SettingContext } from './setting.ts'

/** Reads the name of a contract that can be served. */
export function readContract(text: string, { contractNames }: Pick<SettingContext, 'contractNames'>): Reading<string> {
  if (contractNames.includes(text)) return { value: text }
  const nearest = findNearest(text, contractNames)
  const hint = nearest === null ? '' : ` Did you mean ${nearest}?`
  return { problems: [`must be one of ${contractNames.join(', ')}.${hint}`] }
}

/** Reads the contracts to serve: at least one. */
export function readContracts(text: string, context: SettingContext): Reading<readonly string[]> {
  const reading = readList(text, (entry) => readContract(entry, context))
  if ('problems' in reading || reading.value.length > 0) return reading
  return { problems: [`names no contract: choose from ${context.contractNames.join(', ')}, or remove it for all.`] }
}

/** What answers on shared paths when nothing is said: the contract that the documents give them to, if it is served. */
export function chooseSharedPathsDefault({ known, contractNames }: SettingContext): string {
  const served = known.contracts ?? contractNames
  return served.includes('drf-token') ? 'drf-token' : (served[0] ?? '')
}
