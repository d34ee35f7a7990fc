import assert from 'node:assert/strict'

/** What a front end was answered at one step, with marks in place of what differs from person to person and time to time. */
export type Heard = {
  readonly step: string
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
}

export type Json = Readonly<Record<string, unknown>>

type Asking = { readonly method?: string; readonly json?: Json; readonly authorization?: string }

/** Asks as a front end does, and remembers what it heard. */
export type FrontEnd = {
  readonly heard: readonly Heard[]
  ask(step: string, path: string, asking?: Asking): Promise<{ status: number; json: Json }>
}

/** A front end that somebody uses, as it was when the old back end was there: told apart by nothing but its base URL. */
export type ScriptedClient = {
  /** Signs up and in, and looks around. It then has a token, as a tab that stays open has. */
  begin(): Promise<void>
  /** Goes on with the token that it has: everything that the contract has in store for somebody who signed in once. */
  goOn(): Promise<void>
  readonly heard: FrontEnd['heard']
}

const HEADERS = ['content-type', 'www-authenticate', 'allow', 'location']
const JWT = /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/
const KEY = /^[0-9a-f]{40}$/

/** @param words what is this person's own, such as an address; each is heard as a mark. */
export function createFrontEnd(baseUrl: string, words: Readonly<Record<string, string>>): FrontEnd {
  const heard: Heard[] = []
  return {
    heard,
    async ask(step, path, { method = 'POST', json, authorization } = {}) {
      const headers: Record<string, string> = { accept: 'application/json' }
      if (json !== undefined) headers['content-type'] = 'application/json'
      if (authorization !== undefined) headers.authorization = authorization
      const body = json === undefined ? {} : { body: JSON.stringify(json) }
      const response = await fetch(`${baseUrl}${path}`, { method, headers, redirect: 'manual', ...body })
      const text = await response.text()
      const answer = text === '' ? null : JSON.parse(text)
      const shown = HEADERS.flatMap((name) => {
        const value = response.headers.get(name)
        return value === null ? [] : [[name, value] as const]
      })
      heard.push({ step, status: response.status, headers: Object.fromEntries(shown), body: mark(answer, words) })
      return { status: response.status, json: answer }
    },
  }
}

/** The same with marks. Numbers stay as they are told by name: a person's id is to be the same before and after. */
function mark(value: unknown, words: Readonly<Record<string, string>>): unknown {
  if (Array.isArray(value)) return value.map((item) => mark(item, words))
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, markMember(name, member, words)]))
  }
  if (typeof value !== 'string') return value
  if (JWT.test(value)) return '<jwt>'
  if (KEY.test(value)) return '<key>'
  return Object.entries(words).reduce((text, [name, word]) => text.replaceAll(word, `<${name}>`), value)
}

function markMember(name: string, value: unknown, words: Readonly<Record<string, string>>): unknown {
  if ((name === 'id' || name === 'pk') && typeof value === 'number') return `<${name}>`
  return mark(value, words)
}

/**
 * Holds what was heard across the switch against what somebody heard who stayed.
 *
 * @param known sentences that are not the same by what the page says: the step, the old one and the new one.
 */
export function assertUnnoticed(
  moved: readonly Heard[],
  stayed: readonly Heard[],
  known: Readonly<Record<string, readonly [string, string]>> = {},
): void {
  const expected = stayed.map((heard) => {
    const difference = known[heard.step]
    if (difference === undefined) return heard
    const [before, now] = difference
    const text = JSON.stringify(heard.body)
    assert.ok(text.includes(before), `no difference any more: ${heard.step}`)
    return { ...heard, body: JSON.parse(text.replace(before, now)) }
  })
  assert.deepEqual(moved, expected)
}
