import type { Account } from '../core/account.ts'
import type { Output } from './command.ts'
import { alignRows, showTime } from './print.ts'

/** An account as `--json` shows it. */
export function accountToJson(account: Account): Record<string, unknown> {
  return {
    id: account.id,
    subject: account.subject,
    email: account.email,
    username: account.username,
    email_verified: account.emailVerified,
    name: account.profile.name,
    first_name: account.profile.firstName,
    last_name: account.profile.lastName,
    phone_number: account.profile.phoneNumber,
    is_active: account.isActive,
    is_staff: account.isStaff,
    weak_password: account.hasWeakPassword,
    created_at: showTime(account.createdAt),
    updated_at: showTime(account.updatedAt),
    last_login_at: account.lastLoginAt === null ? null : showTime(account.lastLoginAt),
  }
}

/** Writes an account, a line for each thing it has. */
export function printAccount(stdout: Output, account: Account): void {
  const rows = Object.entries(accountToJson(account)).map(([name, value]) => {
    const text = typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value ?? '')
    return [name.replaceAll('_', ' '), text === '' ? '-' : text]
  })
  stdout.write(`${alignRows(rows).join('\n')}\n`)
}

/** Says that a password was taken and should not stay. */
export function warnOfWeakPassword(stderr: Output, { hasWeakPassword }: Account): void {
  if (!hasWeakPassword) return
  stderr.write(
    'Its password is common or breached: guesses at this account have a third of the usual budget. Choose another one, ' +
      'or set LATCHKEY_PASSWORD_POLICY=hardened to have such passwords refused.\n',
  )
}
