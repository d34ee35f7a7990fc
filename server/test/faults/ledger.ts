import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'

/** What was asked for, on whose account. Sessions have names of the ledger's own: the number of the login that opened them. */
export type Asked =
  | { readonly what: 'register'; readonly account: string; readonly door: number; readonly password: string }
  | { readonly what: 'login'; readonly account: string; readonly door: number; readonly password: string }
  | { readonly what: 'check'; readonly account: string; readonly session: number }
  | { readonly what: 'refresh'; readonly account: string; readonly session: number }
  | { readonly what: 'logout'; readonly account: string; readonly session: number; readonly way: LogoutWay }
  | {
      readonly what: 'change'
      readonly account: string
      readonly session: number
      readonly from: string
      readonly to: string
    }
  | { readonly what: 'disable'; readonly account: string }
  | { readonly what: 'enable'; readonly account: string }

/** The routes by which a session can be ended. */
export type LogoutWay = 'drf-token' | 'simplejwt' | 'v1' | 'blacklist'

/** What came back. A `status` of 0 is a connection that broke: nobody knows what became of the request. */
export type Answered = { readonly status: number; readonly access?: string; readonly refresh?: string }

/** A request, and its answer if there was one before the ledger ended. */
export type Entry = { readonly number: number; readonly asked: Asked; readonly answered: Answered | null }

/** What a client knows: each request from before it was sent, each answer from when it came, on disk. */
export type Ledger = {
  readonly path: string
  /** Notes a request, durably. @returns its number. */
  ask(asked: Asked): number
  /** Notes the answer to a request, durably. */
  answer(number: number, answered: Answered): void
  close(): void
}

/** Opens a ledger that nobody has written in yet: a line of JSON for each request and each answer. */
export function openLedger(path: string): Ledger {
  const file = openSync(path, 'ax')
  let last = 0
  function append(line: unknown): void {
    writeSync(file, `${JSON.stringify(line)}\n`)
    fsyncSync(file)
  }
  return {
    path,
    ask(asked) {
      append({ number: ++last, asked })
      return last
    },
    answer: (number, answered) => append({ number, answered }),
    close: () => closeSync(file),
  }
}

/** Reads a ledger, also of a client that was killed while it wrote its last line. */
export function readLedger(path: string): readonly Entry[] {
  const entries = new Map<number, Entry>()
  // What has no end of line yet was not on disk when the client went on.
  for (const text of readFileSync(path, 'utf8').split('\n').slice(0, -1)) {
    const line = JSON.parse(text) as { number: number; asked?: Asked; answered?: Answered }
    const known = entries.get(line.number)
    if (line.asked !== undefined) entries.set(line.number, { number: line.number, asked: line.asked, answered: null })
    else if (known !== undefined) entries.set(line.number, { ...known, answered: line.answered ?? null })
  }
  return [...entries.values()]
}

/** Whether an answer says that it was done. */
export function isAcknowledged(answered: Answered | null): boolean {
  return answered !== null && answered.status >= 200 && answered.status < 300
}

/** Whether nobody can say if it was done: no answer, or "not now". */
export function isUncertain(answered: Answered | null): boolean {
  return answered === null || answered.status === 0 || answered.status === 503
}
