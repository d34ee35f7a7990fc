import { randomInt, randomUUID } from 'node:crypto'
import { USER_AGENT } from './made-up.ts'
import { pick } from './operations.ts'

/** SQL with `$1`, `$2` … and its values. */
export type Statement = { readonly name: string; readonly sql: string; readonly values: readonly (string | number)[] }

/** What a login writes, as the store does it: a list for each commit. */
export type LoginWrites = {
  /** The attempt is counted against three budgets. */
  readonly take: readonly Statement[]
  /** The password was right: two attempts are given back, and the account's counter is forgotten. */
  readonly settle: readonly Statement[]
  /** The session, and the time of the last login. */
  readonly open: readonly Statement[]
}

const TAKE = `insert into attempts (key, count, window_started_at, last_at, blocked_until) values ($1, 1, $2, $3, 0)
  on conflict (key) do update set
    count = case when cast($4 as bigint) >= attempts.window_started_at + 300000 then 1 else attempts.count + 1 end,
    window_started_at = case when cast($5 as bigint) >= attempts.window_started_at + 300000
      then cast($6 as bigint) else attempts.window_started_at end,
    last_at = $7
  where attempts.blocked_until <= $8 returning count, window_started_at`
const RELEASE = `update attempts set count = count - 1,
    blocked_until = case when count - 1 < 60 then 0 else blocked_until end where key = $1 and count > 0`
const FORGET = 'delete from attempts where key = $1'
const TOUCH = 'update accounts set last_login_at = $1 where id = $2 and is_active = 1 and credential_version = 1'
const OPEN = `insert into sessions
  (id, account_id, kind, contract, token_hash, credential_version, created_at, expires_at, network, user_agent)
  values ($1, $2, 'pair', 'simplejwt', null, 1, $3, $4, $5, $6)`

/** The writes of one login, by an account somewhere in the table, from a network that hardly anybody shares. */
export function writeLogin(accounts: number): LoginWrites {
  const now = Date.now()
  const account = pick(accounts)
  const network = `10.${randomInt(256)}.${randomInt(256)}.${randomInt(256)}`
  const counters = [`network:${network}:5m`, `network:${network}:60m`]
  return {
    take: [`account:${account}`, ...counters].map((key) =>
      statement('take', TAKE, [key, ...Array.from({ length: 7 }, () => now)]),
    ),
    settle: [
      statement('forget', FORGET, [`account:${account}`]),
      ...counters.map((key) => statement('release', RELEASE, [key])),
    ],
    open: [
      statement('touch', TOUCH, [now, account]),
      statement('open', OPEN, [randomUUID(), account, now, now + 3_600_000, network, USER_AGENT]),
    ],
  }
}

/** The ways to spread a login's writes over commits. With one, nothing is kept of the attempt while the hash is made. */
export function groupCommits(
  commits: 1 | 2 | 3,
  { take, settle, open }: LoginWrites,
): readonly (readonly Statement[])[] {
  if (commits === 3) return [take, settle, open]
  return commits === 2 ? [take, [...settle, ...open]] : [[...take, ...settle, ...open]]
}

function statement(name: string, sql: string, values: readonly (string | number)[]): Statement {
  return { name, sql, values }
}
