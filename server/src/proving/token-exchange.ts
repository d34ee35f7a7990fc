import type { Answer } from './exchange.ts'
import { listTokens } from './list-tokens.ts'
import { isSecretName } from './mask.ts'
import { membersOf, type Recorded } from './recorded.ts'
import { fillTokens, noteTokens, TOKEN_NAMES, type Tokens } from './tokens.ts'

/** One of the two servers. */
export type Side = 'old' | 'new'

/** What both servers gave in the place of a token of the recording. */
type Pair = Readonly<Record<Side, string>>

/** Puts in the place of a recording's tokens those that each server gave instead. */
export type TokenExchange = {
  /** Notes what both servers gave where the recording has a token. */
  learn(request: Recorded, answers: Readonly<Record<Side, Answer>>): void
  /** The text for one of the servers. */
  fill(text: string, side: Side): string
  /** Whether a text has a token in it that both servers gave here. */
  hasOwn(text: string): boolean
  /** Whether every token of a request, if it has any, goes back to a login of this recording. */
  isOurs(request: Recorded): boolean
}

/** What can be a token, with whatever stands around it in a header, a body, a query or a cookie. */
const WORD = /[\w.+-]{16,}={0,2}/g
const PLACEHOLDER = /\{\{(\w+)\}\}/g
/** More are forgotten, the oldest first. */
const MOST = 100_000

/** Begins with no tokens. `{{access}}` and its like in a recording stand for the latest that each server gave. */
export function createTokenExchange(): TokenExchange {
  const pairs = new Map<string, Pair>()
  const latest: Readonly<Record<Side, Tokens>> = { old: new Map(), new: new Map() }
  /** Pairs, and names of the latest tokens, that were given for a token that somebody had before: its session is theirs. */
  const borrowedPairs = new WeakSet<Pair>()
  const borrowedNames = new Set<string>()
  return {
    learn(request, answers) {
      const isBorrowed = !isOurs(request)
      for (const name of TOKEN_NAMES) {
        if (![answers.old, answers.new].some(({ json }) => membersOf(json)?.has(name) === true)) continue
        if (isBorrowed) borrowedNames.add(name)
        else borrowedNames.delete(name)
      }
      noteTokens(answers.old, latest.old)
      noteTokens(answers.new, latest.new)
      for (const [name, recorded, pair] of listPairs(request, answers)) note(name, recorded, { pair, isBorrowed })
    },
    fill: (text, side) => fillTokens(text, latest[side]).replaceAll(WORD, (word) => pairs.get(word)?.[side] ?? word),
    hasOwn: (text) =>
      [...text.matchAll(PLACEHOLDER)].some(([, name = '']) => latest.old.has(name) && latest.new.has(name)) ||
      [...text.matchAll(WORD)].some(([word]) => findOwn(word) !== undefined),
    isOurs,
  }

  function isOurs(request: Recorded): boolean {
    const { authorization = '', cookie = '' } = request.headers
    const text = `${authorization} ${cookie} ${request.body ?? ''}`
    const hasBorrowed = [...text.matchAll(PLACEHOLDER)].some(([, name = '']) => borrowedNames.has(name))
    return !hasBorrowed && listTokens(request).every(isOurToken)
  }

  function isOurToken(token: string): boolean {
    const pair = findOwn(token)
    return pair !== undefined && !borrowedPairs.has(pair)
  }

  /** A back end can give the same token again and again: whoever has it already would lose it with us. */
  function findOwn(word: string): Pair | undefined {
    const pair = pairs.get(word)
    return pair?.old === word || pair?.new === word ? undefined : pair
  }

  function note(
    name: string,
    recorded: string,
    { pair, isBorrowed }: { readonly pair: Pair; readonly isBorrowed: boolean },
  ): void {
    if (recorded.length < 16 || /\s/.test(recorded) || !(isSecretName(name) || /^eyJ/.test(recorded))) return
    pairs.delete(recorded)
    pairs.set(recorded, pair)
    if (isBorrowed) borrowedPairs.add(pair)
    const [oldest] = pairs.keys()
    if (pairs.size > MOST && oldest !== undefined) pairs.delete(oldest)
  }
}

/** Every text of a recorded answer, by the name it has there, with what both servers gave in its place. */
function* listPairs(
  { answer }: Recorded,
  answers: Readonly<Record<Side, Answer>>,
): Generator<readonly [name: string, recorded: string, pair: Pair]> {
  if (answer === null) return
  yield* listMembers('', answer.json, { old: answers.old.json, new: answers.new.json })
  for (const cookie of answer.cookies) {
    const at = cookie.indexOf('=')
    const name = cookie.slice(0, at)
    const [old, fresh] = [readCookie(answers.old, name), readCookie(answers.new, name)]
    if (old !== undefined && fresh !== undefined) yield ['cookie', cookie.slice(at + 1), { old, new: fresh }]
  }
}

function* listMembers(
  name: string,
  recorded: unknown,
  given: Readonly<Record<Side, unknown>>,
): Generator<readonly [name: string, recorded: string, pair: Pair]> {
  if (typeof recorded === 'string') {
    if (typeof given.old === 'string' && typeof given.new === 'string')
      yield [name, recorded, { old: given.old, new: given.new }]
    return
  }
  const [old, fresh] = [membersOf(given.old), membersOf(given.new)]
  for (const [member, value] of membersOf(recorded) ?? []) {
    yield* listMembers(member, value, { old: old?.get(member), new: fresh?.get(member) })
  }
}

function readCookie({ cookies }: Answer, name: string): string | undefined {
  return cookies.find((cookie) => cookie.startsWith(`${name}=`))?.slice(name.length + 1)
}
