import type { CaseRequest } from './case.ts'

/** Fields that say who somebody is. */
const NAMES = /^(username|email)$/
/** Fields that hold a password. */
const PASSWORDS = /^(old_|new_)?password[12]?$/
/** Members of an answer in which a name comes back. */
const ECHOES = /^(username|email|value)$/
/** Domains of other people, to which no letter of ours may go. */
const STRANGERS = /@(gmail\.com|domain\.com)$/i
/** How much of a name makes room for what is put behind it. Longer ones are about their length, which is kept. */
const ROOM = 40

/** Puts names that nobody has in the place of those of the examples. */
export type MadeUpNames = {
  /** The request with every name, and every password that has to be taken, made up. */
  fill(request: CaseRequest): CaseRequest
  /** A body that is expected, with the names that come back in it made up likewise. */
  expect(json: unknown): unknown
}

/**
 * Makes up names for the requests of one case. Digits alone are added, so that a name in other letters stays the same name
 * in other letters; to each password that has to be taken a few letters, so that no list of common ones has it.
 */
export function makeUpNames(
  requests: readonly CaseRequest[],
  {
    digits,
    letters,
    taken,
  }: { readonly digits: string; readonly letters: string; readonly taken: readonly CaseRequest[] },
): MadeUpNames {
  const names = new Set(requests.flatMap((request) => readTexts(request, NAMES)).map((text) => text.trim()))
  const passwords = new Set(taken.flatMap((request) => readTexts(request, PASSWORDS)).map((text) => text.trim()))
  const renew = (member: string, text: string) => {
    if (NAMES.test(member)) return inside(text, (name) => addDigits(name, digits))
    const isTaken = PASSWORDS.test(member) && passwords.has(text.trim()) && text.length < 100
    return isTaken ? inside(text, (password) => `${password}-${letters}`) : text
  }
  return {
    fill: (request) => ({ ...request, ...fillBody(request, renew) }),
    expect: (json) =>
      change(json, (member, text) =>
        ECHOES.test(member) && names.has(text.trim()) ? inside(text, (name) => addDigits(name, digits)) : text,
      ),
  }
}

function fillBody(request: CaseRequest, renew: (member: string, text: string) => string): Partial<CaseRequest> {
  if (request.json !== undefined) return { json: change(request.json, renew) }
  if (request.body === undefined || !isForm(request)) return {}
  const fields = [...new URLSearchParams(request.body)].map(([name, value]) => [name, renew(name, value)])
  return { body: new URLSearchParams(fields.map(([name = '', value = '']) => [name, value])).toString() }
}

/** Every text under a member with such a name, in JSON or in a form. */
function readTexts(request: CaseRequest, wanted: RegExp): string[] {
  const found: string[] = []
  const note = (member: string, text: string) => {
    if (wanted.test(member)) found.push(text)
    return text
  }
  if (request.json !== undefined) change(request.json, note)
  else if (request.body !== undefined && isForm(request)) {
    for (const [name, value] of new URLSearchParams(request.body)) note(name, value)
  }
  return found
}

function isForm({ headers = {} }: CaseRequest): boolean {
  return headers['Content-Type'] === 'application/x-www-form-urlencoded'
}

/** A copy with every text changed; what stands in a list belongs to the member that the list is. */
function change(value: unknown, renew: (member: string, text: string) => string, member = ''): unknown {
  if (typeof value === 'string') return renew(member, value)
  if (Array.isArray(value)) return value.map((item) => change(item, renew, member))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, change(inner, renew, name)]))
}

/** White space around a name is what some examples are about. */
function inside(text: string, renew: (core: string) => string): string {
  const core = text.trim()
  return core === '' ? text : text.replace(core, () => renew(core))
}

function addDigits(name: string, digits: string): string {
  const at = name.lastIndexOf('@')
  const [own, domain] = at < 1 ? [name, ''] : [name.slice(0, at), name.slice(at)]
  const longer = own.length > ROOM ? `${own.slice(0, own.length - digits.length)}${digits}` : `${own}${digits}`
  return `${longer}${STRANGERS.test(domain) ? '@example.com' : domain}`
}
