import { USER_AGENT } from './made-up.ts'
import { ACCOUNTS_PER_COUNTER } from './plan.ts'

const DAY = 86_400_000

/**
 * The statements that add accounts number `from` to `to` with their names, sessions and counters: the same rows as
 * `made-up.ts` has them. The database must know the functions `digest_of(text)` and `uuid_of(text)`.
 *
 * @param passwordHash a PHC string, the same for all: nobody can tell from its length.
 * @param now milliseconds since 1970.
 */
export function writeRows({
  from,
  to,
  passwordHash,
  now,
}: {
  from: number
  to: number
  passwordHash: string
  now: number
}): readonly string[] {
  const series = `with recursive series(n) as (select ${from} union all select n + 1 from series where n < ${to})`
  const email = "substr(digest_of('email ' || n), 1, 7) || '.' || n || '@example.com'"
  // Spread over the last 13 days, and so over the next ones: what was opened first ends first.
  const opened = `${now - 13 * DAY} + cast(n as bigint) * 7919 % ${13 * DAY}`
  const network = "'198.' || (n % 251) || '.' || (n / 251 % 251) || '.' || (n / 63001 % 251)"
  const sessions = (kind: string, contract: string, tokenHash: string) =>
    `insert into sessions (id, account_id, kind, contract, token_hash, credential_version, created_at, expires_at, network, user_agent)
     ${series} select uuid_of('${kind} session ' || n), n, '${kind}', '${contract}', ${tokenHash}, 1,
       ${opened}, ${opened} + ${14 * DAY}, ${network}, '${USER_AGENT}' from series`
  return [
    `insert into accounts (id, subject, email, username, email_verified, name, first_name, last_name, phone_number,
       is_active, is_staff, password_hash, credential_version, created_at, updated_at, last_login_at)
     ${series} select n, uuid_of('subject ' || n), ${email}, null, 1, 'Ada Lovelace', 'Ada', 'Lovelace', '',
       1, 0, '${passwordHash}', 1, ${opened}, ${opened}, ${opened} from series`,
    `insert into identifiers (value, account_id, kind) ${series} select ${email}, n, 'email' from series`,
    sessions('key', 'drf-token', "digest_of(substr(digest_of('key ' || n), 1, 40))"),
    sessions('pair', 'simplejwt', 'null'),
    `insert into attempts (key, count, window_started_at, last_at, blocked_until)
     ${series} select 'account:' || n, 1, ${opened}, ${opened}, 0 from series where n % ${ACCOUNTS_PER_COUNTER} = 0`,
    `insert into attempts (key, count, window_started_at, last_at, blocked_until)
     ${series} select 'network:' || ${network} || ':5m', 1, ${opened}, ${opened}, 0 from series
     where n % ${ACCOUNTS_PER_COUNTER} = 0`,
  ]
}
