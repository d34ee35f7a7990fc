import { setTimeout as sleep } from 'node:timers/promises'
import { LOGINS, loginOf } from '../kit/doors.ts'
import { type Entry, isAcknowledged } from './ledger.ts'
import { type Account, foldEntries, loginsFor, type Session } from './model.ts'
import { send } from './send.ts'

/** How many accounts are asked about at once. */
const AT_ONCE = 8

/** How often a question is asked that is answered "not now", or not at all. */
const MOST_TRIES = 50

/** What was asked already, and the status that came back. */
type Answers = Map<string, Promise<number>>

/** Where the truth is looked up. */
export type Recovered = {
  /** A server process that was started after the fault. */
  readonly url: string
  /** What one statement gives, asked of the database past the server. */
  findRows(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>
  /** The database's own integrity check: `ok`, or its first complaint. */
  checkIntegrity(): Promise<string>
}

/** What a check came to. */
export type Verdict = {
  /** What is not as it was acknowledged, a sentence each: none, if all is well. */
  readonly findings: readonly string[]
  readonly accounts: number
  /** How many acknowledged answers were found to be true. */
  readonly answers: number
}

/** Rows that stand for half of something; no statement gives any. */
const HALVES = {
  'a session has no account': 'select id from sessions where account_id not in (select id from accounts)',
  'a name has no account': 'select value from identifiers where account_id not in (select id from accounts)',
  'an account has no name': 'select id from accounts where id not in (select account_id from identifiers)',
  'a one-time token has no account':
    'select token_hash from one_time_tokens where account_id not in (select id from accounts)',
} as const

/**
 * Proves a ledger against what has recovered: everything acknowledged is true, and what nobody acknowledged was done
 * wholly or not at all. It signs in to find out, so it leaves sessions behind.
 */
export async function checkLedger(entries: readonly Entry[], recovered: Recovered): Promise<Verdict> {
  const findings: string[] = []
  const integrity = await recovered.checkIntegrity()
  if (integrity !== 'ok') findings.push(`The database is damaged: ${integrity}.`)
  for (const [half, sql] of Object.entries(HALVES)) {
    const rows = await recovered.findRows(sql)
    if (rows.length > 0) findings.push(`${rows.length} times ${half}.`)
  }
  const words = Object.entries(Object.groupBy(entries, ({ asked }) => asked.account))
  const waiting = [...words]
  async function work(): Promise<void> {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const [word, own = []] = next
      findings.push(...(await checkAccount(recovered.url, foldEntries(word, own))))
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  const answers = entries.filter(({ answered }) => isAcknowledged(answered)).length
  return { findings, accounts: words.length, answers }
}

/** @returns nothing, if one of the possible accounts is the one that is there; else what is wrong with the likeliest. */
async function checkAccount(url: string, possible: readonly Account[]): Promise<readonly string[]> {
  const answers = new Map<string, Promise<number>>()
  const found: (readonly string[])[] = []
  for (const account of possible) {
    const wrong = account.isThere
      ? await compare(url, account, answers)
      : await compareAbsent(url, possible.at(-1) ?? account, answers)
    if (wrong.length === 0) return []
    found.push(wrong)
  }
  return found.reduce((least, wrong) => (wrong.length < least.length ? wrong : least))
}

/** An account that was not made has none of the names it would have. */
async function compareAbsent(url: string, wanted: Account, answers: Answers): Promise<readonly string[]> {
  const wrong: string[] = []
  for (const name of wanted.names) {
    const status = await signIn(url, name, wanted.password, answers)
    if (!isRefused(status)) wrong.push(`Account ${wanted.word}: signing in as ${name} is answered ${status}.`)
  }
  return wrong
}

async function compare(url: string, account: Account, answers: Answers): Promise<readonly string[]> {
  const wrong: string[] = []
  // Tokens first: to sign in again changes nothing about them, but a server that thought so would be found out.
  for (const [number, session] of account.sessions) {
    const isAlive = session.isAlive && account.isActive
    for (const [token, status] of await useTokens(url, session, answers)) {
      if (status === (isAlive ? 200 : 401)) continue
      wrong.push(
        `Account ${account.word}: the ${token} token of login ${number} is answered ${status}, though its session ${isAlive ? 'was never ended' : 'was ended'}.`,
      )
    }
  }
  for (const name of account.names) {
    const status = await signIn(url, name, account.password, answers)
    if (account.isActive ? status === 200 : isRefused(status)) continue
    const is = account.isActive ? 'its password' : 'its password, though it was disabled'
    wrong.push(`Account ${account.word}: signing in as ${name} with ${is} is answered ${status}.`)
  }
  const [name] = account.names
  for (const password of name === undefined ? [] : account.former) {
    const status = await signIn(url, name ?? '', password, answers)
    if (isRefused(status)) continue
    wrong.push(`Account ${account.word}: signing in with a password that was replaced is answered ${status}.`)
  }
  return wrong
}

async function useTokens(
  url: string,
  { access, refresh }: Session,
  answers: Answers,
): Promise<readonly (readonly [string, number])[]> {
  const request = { method: 'GET', path: '/v1/session', authorization: `Bearer ${access}` }
  const found: [string, number][] = [['access', await once(answers, access, () => statusOf(url, request))]]
  if (refresh === null) return found
  const renewal = { method: 'POST', path: '/api/users/token/refresh/', json: { refresh } }
  return [...found, ['refresh', await once(answers, refresh, () => statusOf(url, renewal))]]
}

function signIn(url: string, name: string, password: string, answers: Answers): Promise<number> {
  const [door = LOGINS[0]] = loginsFor(name)
  if (door === undefined) throw new Error('There is no door to sign in at.')
  return once(answers, `${name} ${password}`, () => statusOf(url, loginOf(door, name, password)))
}

async function statusOf(url: string, request: Parameters<typeof send>[1]): Promise<number> {
  for (let tries = 1; ; tries++) {
    const { answered } = await send(url, request)
    // More hashes at once than the server queues: it says so, and when to come again. A connection that the server
    // closed as idle while the next question was on its way answers nothing.
    const isAnswered = answered.status !== 503 && answered.status !== 0
    if (isAnswered || tries === MOST_TRIES) return answered.status
    await sleep(200)
  }
}

/** A login that is not good: each contract has a status of its own for it. */
function isRefused(status: number): boolean {
  return status === 400 || status === 401
}

/** Asks each question once, whichever of the possible accounts it is asked for. */
function once(answers: Answers, question: string, ask: () => Promise<number>): Promise<number> {
  const known = answers.get(question) ?? ask()
  answers.set(question, known)
  return known
}
