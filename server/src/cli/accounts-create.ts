import { type Command, type CommandContext, type ExitCode, JSON_OPTION } from './command.ts'
import { nameAccount } from './find-account.ts'
import { printJson } from './print.ts'
import { type Arguments, readArguments } from './read-arguments.ts'
import { readNewAccount } from './read-new-account.ts'
import { readNewPassword } from './read-new-password.ts'
import { UsageError } from './refusals.ts'
import { accountToJson, warnOfWeakPassword } from './show-account.ts'
import { withLatchkey } from './with-latchkey.ts'

const OPTIONS = {
  email: { type: 'string', value: 'ADDRESS', help: 'Email address; this or a username is needed.' },
  username: { type: 'string', value: 'NAME', help: 'Username.' },
  name: { type: 'string', value: 'NAME', help: 'Full name.' },
  'first-name': { type: 'string', value: 'NAME', help: 'First name.' },
  'last-name': { type: 'string', value: 'NAME', help: 'Last name.' },
  phone: { type: 'string', value: 'NUMBER', help: 'Phone number, 9 to 15 digits.' },
  staff: { type: 'boolean', help: 'Sets the staff flag, which your own services may read. It grants nothing here.' },
  json: JSON_OPTION,
} as const

/** `latchkey accounts create`. */
export const accountsCreate: Command = {
  name: 'accounts create',
  summary: 'makes an account',
  operands: [],
  options: OPTIONS,
  notes: ['The password is asked for on a terminal, and is the one line of stdin otherwise.'],
  run,
}

async function run(context: CommandContext): Promise<ExitCode> {
  const args: Arguments<typeof OPTIONS> = readArguments(context.args, { operands: [], options: OPTIONS })
  const registration = readNewAccount({
    email: args.text('email'),
    username: args.text('username'),
    name: args.text('name'),
    firstName: args.text('first-name'),
    lastName: args.text('last-name'),
    phoneNumber: args.text('phone'),
  })
  if (registration.email === undefined && registration.username === undefined) {
    throw new UsageError('An account needs --email or --username, or both.')
  }
  const given = await readNewPassword(context)
  const isStaff = args.flag('staff')
  return withLatchkey(
    context,
    async ({ core }) => {
      const account = await core.administration.createAccount({ ...registration, ...given }, { isStaff })
      if (args.flag('json')) return printJson(context.stdout, accountToJson(account))
      context.stdout.write(`Made ${nameAccount(account)}.\n`)
      warnOfWeakPassword(context.stderr, account)
      return 0
    },
    { makesDatabase: true },
  )
}
