import type { Site } from './site.ts'

/** A line for each documented path: who answers there, and to which methods. The last says where else. */
export function describeSites(sites: readonly Site[]): string[] {
  const lines = sites
    .filter(({ isDocumented }) => isDocumented)
    .map(({ residents }) => {
      const names = residents.map(({ contract }) => contract.name).join(' or ')
      const methods = new Set(residents.flatMap(({ path }) => path.methods))
      return `${names.padEnd(24)}${residents[0].path.path.padEnd(32)}${[...methods].join(', ')}`
    })
  const contracts = new Set(sites.flatMap(({ residents }) => residents.map(({ contract }) => contract)))
  const places = [...contracts].filter(({ hasOwnPlace }) => hasOwnPlace).map(({ name }) => `/${name}/…`)
  return [...lines, `each contract by itself: ${places.join('  ')}`]
}
