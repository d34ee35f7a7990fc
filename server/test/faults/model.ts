import { LOGINS, type LoginDoor, makePerson, type Person, REGISTRATIONS } from '../kit/doors.ts'
import { type Answered, type Asked, type Entry, isAcknowledged, isUncertain } from './ledger.ts'

/** What should hold of an account. */
export type Account = {
  readonly word: string
  readonly isThere: boolean
  readonly isActive: boolean
  readonly password: string
  /** Passwords that it had before. */
  readonly former: readonly string[]
  /** Names by which it can be found. */
  readonly names: readonly string[]
  readonly sessions: ReadonlyMap<number, Session>
}

/** What should hold of a session. */
export type Session = { readonly access: string; readonly refresh: string | null; readonly isAlive: boolean }

/** An account of which nothing has been heard. */
export function newAccount(word: string): Account {
  return { word, isThere: false, isActive: true, password: '', former: [], names: [], sessions: new Map() }
}

/** The person whose account it is. */
export function personOf({ word, password }: Pick<Account, 'word' | 'password'>): Person {
  return { ...makePerson(word), password }
}

/** The doors at which a name is one. */
export function loginsFor(name: string): readonly LoginDoor[] {
  return LOGINS.filter(({ takesUsernames }) => takesUsernames || name.includes('@'))
}

/** The account once what was asked has been done. */
export function carryOut(account: Account, asked: Asked, number: number, answered: Answered | null): Account {
  switch (asked.what) {
    case 'register': {
      const gives = REGISTRATIONS[asked.door]?.gives
      const person = makePerson(asked.account)
      const names = [...(gives?.email ? [person.email] : []), ...(gives?.username ? [person.username] : [])]
      return { ...account, isThere: true, password: asked.password, names }
    }
    case 'login': {
      if (answered?.access === undefined) return account
      const session = { access: answered.access, refresh: answered.refresh ?? null, isAlive: true }
      return { ...account, sessions: new Map(account.sessions).set(number, session) }
    }
    case 'check':
      return account
    case 'refresh': {
      const session = account.sessions.get(asked.session)
      if (session === undefined || answered?.access === undefined) return account
      return {
        ...account,
        sessions: new Map(account.sessions).set(asked.session, { ...session, access: answered.access }),
      }
    }
    case 'logout':
      return { ...account, sessions: keepAlive(account, (session) => session !== asked.session) }
    case 'change':
      return {
        ...account,
        password: asked.to,
        former: [...account.former, asked.from],
        sessions: keepAlive(account, (session) => session === asked.session),
      }
    case 'disable':
      return { ...account, isActive: false, sessions: keepAlive(account, () => false) }
    case 'enable':
      return { ...account, isActive: true }
  }
}

/** An account by its entries, oldest first: what must hold of it, one or the other where the last answer is not known. */
export function foldEntries(word: string, entries: readonly Entry[]): readonly Account[] {
  let possible: readonly Account[] = [newAccount(word)]
  for (const { asked, number, answered } of entries) {
    const done = possible.map((account) => carryOut(account, asked, number, answered))
    if (isAcknowledged(answered)) possible = done
    else if (isUncertain(answered) && changes(asked)) possible = [...possible, ...done]
  }
  return possible
}

/** Whether an account is another one after what was asked. */
export function changes({ what }: Asked): boolean {
  return what !== 'check' && what !== 'refresh' && what !== 'login'
}

function keepAlive({ sessions }: Account, isKept: (number: number) => boolean): ReadonlyMap<number, Session> {
  return new Map(
    [...sessions].map(([number, session]) => [number, { ...session, isAlive: session.isAlive && isKept(number) }]),
  )
}
