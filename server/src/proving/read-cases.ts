import { readFileSync } from 'node:fs'
import { type Case, type CaseKind, type CaseRequest, isRegistration, type Promised } from './case.ts'
import { listDrfManners } from './drf-manners.ts'
import { listExpressManners } from './express-manners.ts'
import { listTokenManners } from './token-manners.ts'

/** What goes before the request of an example: another one, or something that only an operator can do. */
type Step = CaseRequest | { readonly wait: number } | { readonly disable_account: string }

type Example = {
  readonly name: string
  readonly documented: boolean
  readonly given?: readonly Step[]
  readonly request: CaseRequest
  readonly reply: Promised
}

/** The contracts whose server can be asked, and how the framework behind each speaks. */
const MANNERS: Readonly<Record<string, readonly Case[]>> = {
  'drf-jwt': listDrfManners('drf-jwt'),
  'drf-token': listDrfManners('drf-token'),
  'express-jwt': listExpressManners(),
  simplejwt: listDrfManners('simplejwt'),
}

/** The slugs of the contracts that can be tried. */
export const TRIED_CONTRACTS: readonly string[] = Object.keys(MANNERS)

/** Everything that a contract promises: its document, its own choices, and its framework's manners. */
export function readCases(contract: string): readonly Case[] {
  const file = new URL(`../contracts/${contract}/examples.json`, import.meta.url)
  const read: { readonly examples: readonly Example[] } = JSON.parse(readFileSync(file, 'utf8'))
  return [
    ...read.examples.map((example) => toCase(example, contract)),
    ...listTokenManners(contract),
    ...(MANNERS[contract] ?? []),
  ]
}

/** How many accounts trying these may make at most. */
export function countAccounts(cases: readonly Case[]): number {
  const makes = ({ given, request, reply }: Case) =>
    given.some(isRegistration) || (isRegistration(request) && reply.status < 300)
  return cases.filter((tried) => tried.untriable === null && makes(tried)).length
}

function toCase(example: Example, contract: string): Case {
  const { name, given = [], request, reply } = example
  return {
    name,
    kind: kindOf(example),
    given: given.flatMap((step) => ('method' in step ? [step] : [])),
    request,
    reply: { ...reply, json: reply.json },
    untriable: findHindrance(example, contract),
  }
}

function kindOf({ documented, name }: Example): CaseKind {
  if (documented) return 'document'
  return name.startsWith('companion: ') ? 'companion' : 'contract'
}

/** What stands in the way of trying an example on somebody else's server. */
function findHindrance({ given = [], request }: Example, contract: string): string | null {
  for (const step of given) {
    if ('wait' in step) return `${step.wait} seconds would have to pass`
    if ('disable_account' in step) return 'an administrator would have to disable an account'
  }
  const steps = given.flatMap((step) => ('method' in step ? [step] : []))
  const paths = [...steps, request].map(({ path }) => path)
  if (paths.some((path) => path.startsWith(`/${contract}/`) || path.startsWith('/v1/'))) {
    return 'only Latchkey has this path'
  }
  // A server that believes it would have an administrator from now on.
  if ([...steps, request].some((step) => isRegistration(step) && asksForPower(step.json))) {
    return 'a server that believes what it is told would make an administrator'
  }
  if (paths.some((path) => /\/(password\/reset|registration\/resend-email)\//.test(path))) {
    return 'letters could be sent, or somebody’s first account meant'
  }
  return null
}

function asksForPower(json: unknown): boolean {
  if (typeof json !== 'object' || json === null) return false
  const told = Object.entries(json)
  return told.some(
    ([name, value]) => /^(is_staff|is_superuser|admin)$/.test(name) && value !== false && value !== 'false',
  )
}
