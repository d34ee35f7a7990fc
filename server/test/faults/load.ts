import { randomInt, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { LOGINS, REGISTRATIONS } from '../kit/doors.ts'
import { type Answered, type Asked, isAcknowledged, isUncertain, type Ledger, type LogoutWay } from './ledger.ts'
import { type Account, carryOut, changes, loginsFor, newAccount, personOf } from './model.ts'
import { type Outcome, requestOf, send, untilUp } from './send.ts'

/**
 * What servers under such a load are told: no budgets for guessing, access tokens that outlive the test, and to ask the
 * database at every check, because that is what is at fault here.
 */
export const LOAD_SETTINGS = {
  LATCHKEY_LIMITS: 'off',
  LATCHKEY_SIMPLEJWT_ACCESS_SECONDS: '86400',
  LATCHKEY_SESSION_STALENESS_MS: '0',
} as const

/** How many accounts a writer goes on with, and how many sessions of one. */
const ACCOUNTS_KEPT = 3
const SESSIONS_KEPT = 4
/** How long a writer rests after "not now", in milliseconds. */
const REST = 200

/** Where the load goes. */
export type Target = {
  /** A running server; asked anew for each request, so that servers may come and go, and be several. */
  url(): string
  /**
   * Disables or enables an account as an operator does, in the database itself, and resolves when that is done.
   * What it throws is taken for "not now".
   */
  setActive(email: string, isActive: boolean): Promise<void>
}

/** Clients at work. */
export type Load = {
  /** What was answered so far that must never be, in words. */
  readonly violations: readonly string[]
  /** How many answers said so far that it was done, and how many "not now"; broken connections are neither. */
  counts(): { acknowledged: number; unavailable: number; broken: number }
  /** Lets every writer finish what it is at. @throws what a writer failed with. */
  stop(): Promise<void>
}

/**
 * Starts writers that register, sign in, check, refresh, sign out, change passwords, and have accounts disabled and
 * enabled, at random, by the doors of all contracts; each on accounts of its own, so that it knows what must come back.
 * An account of which it no longer knows (an answer that never came, or was "not now") it leaves alone from then on.
 */
export function startLoad(target: Target, { ledger, writers }: { ledger: Ledger; writers: number }): Load {
  const violations: string[] = []
  const counts = { acknowledged: 0, unavailable: 0, broken: 0 }
  let isStopped = false

  async function write(): Promise<void> {
    let accounts: readonly Account[] = []
    while (!isStopped) {
      const { account, asked } = choose(accounts)
      const done = await act({ target, ledger }, account, asked)
      const others = accounts.filter(({ word }) => word !== account.word)
      if (done.account !== null) accounts = [...others, done.account]
      else if (changes(asked)) accounts = others
      violations.push(...done.violations)
      count(done.answered)
      if (done.answered.status === 0) {
        await untilUp(
          () => target.url(),
          () => isStopped,
        )
      }
      if (done.answered.status === 503) await sleep(REST)
    }
  }

  function count(answered: Answered): void {
    if (answered.status === 0) counts.broken++
    else if (answered.status === 503) counts.unavailable++
    else if (isAcknowledged(answered)) counts.acknowledged++
  }

  const done = Promise.all(Array.from({ length: writers }, write))
  done.catch(() => {})
  return {
    violations,
    counts: () => ({ ...counts }),
    async stop() {
      isStopped = true
      await done
    },
  }
}

/**
 * Asks for one thing, with both sides of it in the ledger.
 *
 * @returns the account as it is then, or `null` if it was not done or nobody knows.
 */
export async function act(
  { target, ledger }: { target: Target; ledger: Ledger },
  account: Account,
  asked: Asked,
): Promise<{ account: Account | null; answered: Answered; violations: readonly string[] }> {
  const number = ledger.ask(asked)
  const { answered, flaws } = await perform(target, account, asked)
  ledger.answer(number, answered)
  const isDone = isAcknowledged(answered)
  const violations = flaws.map((flaw) => `${asked.what} (${number}): ${flaw}`)
  if (!isDone && !isUncertain(answered)) {
    violations.push(`${asked.what} (${number}) was answered ${answered.status}, though it is right`)
  }
  return { account: isDone ? carryOut(account, asked, number, answered) : null, answered, violations }
}

async function perform(target: Target, account: Account, asked: Asked): Promise<Outcome> {
  const request = requestOf(account, asked)
  if (request !== null) return send(target.url(), request)
  const status = await target.setActive(personOf(account).email, asked.what === 'enable').then(
    () => 200,
    () => 503,
  )
  return { answered: { status }, flaws: [] }
}

function choose(accounts: readonly Account[]): { account: Account; asked: Asked } {
  const account = accounts[randomInt(ACCOUNTS_KEPT)]
  if (account === undefined) return register()
  const { word } = account
  // Some stay disabled: that must last, too.
  if (!account.isActive) return randomInt(3) > 0 ? register() : { account, asked: { what: 'enable', account: word } }
  const alive = [...account.sessions].filter(([, { isAlive }]) => isAlive)
  const one = alive[randomInt(SESSIONS_KEPT)]
  if (one === undefined) return { account, asked: login(account) }
  const [session, { refresh }] = one
  const dice = randomInt(100)
  if (dice < 40) return { account, asked: { what: 'check', account: word, session } }
  if (dice < 55 && refresh !== null) return { account, asked: { what: 'refresh', account: word, session } }
  if (dice < 75) return { account, asked: { what: 'logout', account: word, session, way: chooseWay(refresh) } }
  if (dice < 85) {
    const to = `Changed-1-${randomUUID()}`
    return { account, asked: { what: 'change', account: word, session, from: account.password, to } }
  }
  // An operator finds an account by its address; some doors take none.
  if (dice < 92 && hasAddress(account)) return { account, asked: { what: 'disable', account: word } }
  return { account, asked: login(account) }
}

function register(): { account: Account; asked: Asked } {
  const account = newAccount(`w${randomUUID()}`)
  const door = randomInt(REGISTRATIONS.length)
  const password = `Password-1-${account.word}`
  return { account, asked: { what: 'register', account: account.word, door, password } }
}

function login({ word, password, names }: Account): Asked {
  const doors = loginsFor(names[0] ?? '')
  const chosen = doors[randomInt(doors.length)]
  return { what: 'login', account: word, door: chosen === undefined ? 0 : LOGINS.indexOf(chosen), password }
}

function chooseWay(refresh: string | null): LogoutWay {
  const ways = (['drf-token', 'simplejwt', 'v1', 'blacklist'] as const).slice(0, refresh === null ? 3 : 4)
  return ways[randomInt(ways.length)] ?? 'v1'
}

function hasAddress({ names }: Account): boolean {
  return names.some((name) => name.includes('@'))
}
