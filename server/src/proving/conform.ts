import { type Case, type CaseRequest, isRegistration } from './case.ts'
import { type Comparable, compare, type Difference, type Leniency } from './compare.ts'
import { findReason } from './deviations.ts'
import { type Answer, exchange, type Target } from './exchange.ts'
import { judgeTokens } from './judge-tokens.ts'
import { type MadeUpNames, makeUpNames } from './made-up-names.ts'
import { fillTokens, noteTokens, type Tokens } from './tokens.ts'

/** What came of a case. `explained` differs for a reason that is known. */
export type Outcome = {
  readonly case: Case
  readonly result: 'agrees' | 'explained' | 'differs' | 'untried'
  readonly differences: readonly Difference[]
  /** Why it differs, or was not tried. */
  readonly reason: string | null
  /** The request as it went out, tokens and passwords apart. */
  readonly request: CaseRequest
}

/** How a server is tried. */
export type Trial = {
  readonly contract: string
  readonly cases: readonly Case[]
  readonly target: Target
  /** Stands in every name that is made up, and nowhere else. */
  readonly digits: string
  /** Stands in every password that is made up. */
  readonly letters: string
  /** Resolves when the next request may go out. */
  pace(): Promise<void>
  onProgress(done: number, total: number): void
}

/** What came of a whole trial; `stopped` says why it ended before its end. */
export type Verdict = {
  readonly outcomes: readonly Outcome[]
  readonly stopped: string | null
}

/** An account for several cases, by the request that makes it. */
type SharedAccount = { readonly registration: CaseRequest; readonly number: number; readonly isThere: boolean }

type SharedAccounts = Map<string, SharedAccount>

/** Where their numbers begin, beyond those of cases. */
const FIRST_SHARED = 900

/** The server's wish that nobody ask for a while. */
class Throttled extends Error {}

/** What a parser says after these is its own business. */
const FREE_WORDS = ['JSON parse error - ', 'Malformed body: ']

/** So many cases in a row without an answer, and the server is not there any more. */
const MOST_FAILURES = 3

/** Tries everything that a contract promises on a server, one request after the other, and compares. */
export async function conform(trial: Trial): Promise<Verdict> {
  const { cases, onProgress } = trial
  const outcomes: Outcome[] = []
  const shared: SharedAccounts = new Map()
  let stopped: string | null = null
  let failures = 0
  for (const [index, tried] of cases.entries()) {
    onProgress(index, cases.length)
    if (stopped !== null || tried.untriable !== null) {
      outcomes.push(untried(tried, tried.untriable ?? 'the trial had ended'))
      continue
    }
    try {
      outcomes.push(await tryCase(trial, { tried, index, shared }))
      failures = 0
    } catch (error) {
      if (!(error instanceof Error)) throw error
      failures += 1
      const hasAnswered = outcomes.some(({ result }) => result !== 'untried')
      if (error instanceof Throttled) stopped = error.message
      else if (!hasAnswered || failures === MOST_FAILURES) stopped = `There was no answer: ${error.message}`
      outcomes.push(
        error instanceof Throttled ? untried(tried, 'the server asked for a pause') : unanswered(tried, error),
      )
    }
  }
  onProgress(cases.length, cases.length)
  return { outcomes, stopped }
}

async function tryCase(
  trial: Trial,
  { tried, index, shared }: { tried: Case; index: number; shared: SharedAccounts },
): Promise<Outcome> {
  const { given, request, reply } = tried
  // Many cases want the same account: one is made for all of them that leave it as it is.
  const account = findSharedAccount(tried, shared)
  const own = account === null ? index : FIRST_SHARED + account.number
  const digits = `${trial.digits}${String(own).padStart(3, '0')}`
  const taken = [...given, ...(reply.status < 300 ? [request] : [])].filter(isRegistration)
  const names = makeUpNames([...given, request], { digits, letters: trial.letters, taken })
  const tokens: Tokens = new Map()
  for (const step of given) {
    if (step === account?.registration && account.isThere) continue
    const answer = await ask(trial, names.fill(step), tokens)
    // A step that fails is what another case is about, which tells what is wrong with it.
    if (answer.status >= 400)
      return untried(tried, `${step.method} ${step.path} before it was answered ${answer.status}`)
    if (step === account?.registration) shared.set(JSON.stringify(step), { ...account, isThere: true })
  }
  const filled = names.fill(request)
  const answer = await ask(trial, filled, tokens)
  const differences = compareReply(tried, answer, names)
  const reason = differences.length === 0 ? null : findReason(trial.contract, { tried, answer, differences })
  const result = differences.length === 0 ? 'agrees' : reason === null ? 'differs' : 'explained'
  return { case: tried, result, differences, reason, request: filled }
}

async function ask({ target, pace }: Trial, request: CaseRequest, tokens: Tokens): Promise<Answer> {
  await pace()
  const headers = Object.entries(request.headers ?? {}).map(([name, value]) => [
    name.toLowerCase(),
    fillTokens(value, tokens),
  ])
  const text = request.json === undefined ? request.body : writeAscii(JSON.stringify(request.json))
  const answer = await exchange(target, {
    method: request.method,
    path: request.path,
    headers: {
      ...(request.json === undefined ? {} : { 'content-type': 'application/json' }),
      ...Object.fromEntries(headers),
    },
    body: text === undefined ? undefined : fillTokens(text, tokens),
  })
  if (answer.status === 429) {
    const wait = answer.headers['retry-after']
    throw new Throttled(
      `${request.method} ${request.path} was answered 429${wait === undefined ? '' : `, with Retry-After: ${wait}`}`,
    )
  }
  noteTokens(answer, tokens)
  return answer
}

function compareReply({ reply, request }: Case, answer: Answer, names: MadeUpNames): Difference[] {
  const hasBody = 'json' in reply && request.method !== 'HEAD'
  const expected: Comparable = {
    status: reply.status,
    headers: reply.headers ?? {},
    json: hasBody ? names.expect(reply.json) : undefined,
  }
  const json = answer.json ?? (answer.text === '' ? undefined : describeText(answer))
  const got: Comparable = { ...answer, json: hasBody ? json : undefined }
  const found = compare({ expected, got }, { headers: Object.keys(expected.headers), isAlike })
  return found.length > 0 ? found : judgeTokens(reply.tokens ?? [], answer)
}

/** Tokens, ids and a parser's own words are different everywhere. */
const isAlike: Leniency = ({ name, expected, got }) => {
  if (typeof expected === 'string' && /^\{\{\w+\}\}$/.test(expected)) return typeof got === 'string' && got !== ''
  if (name === 'id' || name === 'pk') return typeof expected === 'number' && Number.isSafeInteger(got)
  if (typeof expected !== 'string' || typeof got !== 'string') return false
  return FREE_WORDS.some((words) => expected.startsWith(words) && got.startsWith(words))
}

/** The account that a case may share with others: its only one, where nothing of the account changes. */
function findSharedAccount({ given, request }: Case, shared: SharedAccounts): SharedAccount | null {
  const [first, ...others] = given
  if (first === undefined || !isRegistration(first) || others.some(isRegistration)) return null
  // Where a name should be taken and is not, there is a second account that others would stumble over.
  if (isRegistration(request)) return null
  const changes = [...given, request].some(
    ({ method, path }) => /\/password\//.test(path) || /^P(UT|ATCH)$/.test(method),
  )
  if (changes) return null
  const known = shared.get(JSON.stringify(first)) ?? { registration: first, number: shared.size, isThere: false }
  const account = { ...known, registration: first }
  shared.set(JSON.stringify(first), account)
  return account
}

function untried(tried: Case, reason: string): Outcome {
  return { case: tried, result: 'untried', differences: [], reason, request: tried.request }
}

function unanswered(tried: Case, error: Error): Outcome {
  const difference = { at: 'answer', expected: String(tried.reply.status), got: error.message }
  return { case: tried, result: 'differs', differences: [difference], reason: null, request: tried.request }
}

/** What stands for a body that is no JSON: a page of a framework says more by its kind than by its text. */
function describeText({ headers, text }: Answer): string {
  return `(${text.length} characters of ${headers['content-type'] ?? 'an unknown type'})`
}

function writeAscii(json: string): string {
  return json.replaceAll(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
