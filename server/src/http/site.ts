import type { Contract, Path, WireRequest } from './contract.ts'

/** A contract at one of its paths. */
export type Resident = { readonly contract: Contract; readonly path: Path }

/** A path and the contracts that live there: one, or several that each recognise their own requests. */
export type Site = {
  /** Without its trailing slash. */
  readonly path: string
  /** Whether this is a documented path, or the same again in a contract's own place. */
  readonly isDocumented: boolean
  /** In the order in which they are asked; the first answers what none recognises. */
  readonly residents: readonly [Resident, ...Resident[]]
}

/** Every path there is, and whose voice any path is answered in. */
export type SiteMap = {
  readonly sites: readonly Site[]
  /** The site at a path, with or without its trailing slash, or `null`. */
  find(path: string): Site | null
  /** The contract that speaks for a path, known or not. */
  voiceOf(path: string): Contract
}

/**
 * Lays the contracts out over the paths of one origin: each at its documented paths and, where it has one, its own place.
 *
 * @param fallback the contract for requests that no contract recognises and for paths that belong to none.
 * @throws {Error} when two contracts have one path and do not both say how they recognise their requests.
 */
export function layOut(contracts: readonly Contract[], fallback: string): SiteMap {
  const ordered = contracts.toSorted((a, b) => Number(b.name === fallback) - Number(a.name === fallback))
  const [first] = ordered
  if (first === undefined) throw new Error('No contract is served: name at least one in LATCHKEY_CONTRACTS.')
  const sites = new Map<string, Site>()
  for (const contract of ordered) {
    for (const path of contract.paths) {
      settle(path.path, { contract, path }, true)
      if (contract.hasOwnPlace) settle(`/${contract.name}${path.path}`, { contract, path }, false)
    }
  }
  /** Those that answer below their path too. */
  const above = [...sites.values()].filter(({ residents: [{ path }] }) => path.answersBelow === true)
  return {
    sites: [...sites.values()],
    find(path) {
      const plain = withoutSlash(path)
      const exact = sites.get(plain)
      if (exact !== undefined) return exact
      const folded = sites.get(plain.toLowerCase())
      if (folded?.residents[0].contract.isCaseSensitive === false) return folded
      return above.find((site) => path.startsWith(`${site.path}/`)) ?? null
    },
    voiceOf(path) {
      const folded = path.toLowerCase()
      const owner = ordered.find(({ name, prefixes }) =>
        [`/${name}/`, ...prefixes].some((prefix) => folded.startsWith(prefix)),
      )
      return owner ?? first
    },
  }

  function settle(place: string, resident: Resident, isDocumented: boolean): void {
    const path = withoutSlash(place)
    const neighbours = sites.get(path)?.residents
    const residents: Site['residents'] = neighbours === undefined ? [resident] : [...neighbours, resident]
    const site: Site = { path, isDocumented, residents }
    requireRules(site)
    sites.set(path, site)
  }
}

/**
 * Whose request it is, among the contracts that share a path. `isAmbiguous` when several say it is theirs.
 */
export async function chooseResident(
  { residents }: Site,
  request: WireRequest,
): Promise<{ resident: Resident; isAmbiguous: boolean }> {
  const [first] = residents
  if (residents.length === 1) return { resident: first, isAmbiguous: false }
  const theirs: Resident[] = []
  for (const resident of residents) {
    if (await resident.path.recognises?.(request)) theirs.push(resident)
  }
  return { resident: theirs[0] ?? first, isAmbiguous: theirs.length > 1 }
}

function requireRules({ path, residents }: Site): void {
  const silent = residents.find((resident) => resident.path.recognises === undefined)
  if (residents.length === 1 || silent === undefined) return
  const names = residents.map(({ contract }) => contract.name).join(' and ')
  throw new Error(
    `${names} both answer at ${path}, and ${silent.contract.name} does not say how it recognises its requests: serve only one of them (LATCHKEY_CONTRACTS), or give it a rule.`,
  )
}

function withoutSlash(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
}
