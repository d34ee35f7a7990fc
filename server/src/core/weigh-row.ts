import type { ImportRow } from './prepare-rows.ts'

/** How much rows may weigh that are worked on in one step: those of real back ends weigh some hundreds each. */
export const HEAVIEST_BATCH = 4 * 1024 * 1024

/** About how much memory a row takes, in code units of its texts. */
export function weighRow(row: ImportRow): number {
  if ('problem' in row) return row.problem.length
  let weight = 0
  for (const value of Object.values(row.fields)) {
    if (typeof value === 'string') weight += value.length
    else if (typeof value === 'object' && value !== null) weight += JSON.stringify(value).length
  }
  return weight
}
