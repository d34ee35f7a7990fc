import type { Core } from '../core/core.ts'
import type { Registration } from '../core/register.ts'
import type { WireReply, WireRequest } from '../http/contract.ts'
import { NewAccount } from './account-schema.ts'
import { readForm } from './read-form.ts'
import { json } from './reply.ts'
import { writeAccount } from './session.ts'

/** `POST /v1/accounts`: makes an account, and signs nobody in. */
export function register(core: Pick<Core, 'register'>): (request: WireRequest) => Promise<WireReply> {
  return async (request) => {
    const { account } = await core.register(readRegistration(request), request.client)
    return json(201, { account: writeAccount(account) })
  }
}

/** Reads a registration. Its problems go to core with it, which adds its own. */
function readRegistration(request: WireRequest): Registration {
  const { values, problems, sent } = readForm(NewAccount, request)
  const isNameless = !sent.has('email') && !sent.has('username')
  const password = sent.get('password')
  return {
    email: values.email,
    username: values.username,
    password: typeof password === 'string' && password !== '' ? password : undefined,
    profile: {
      name: values.name ?? '',
      firstName: values.first_name ?? '',
      lastName: values.last_name ?? '',
      phoneNumber: values.phone_number ?? '',
    },
    problems: isNameless ? [{ field: 'email', rule: 'required' }, ...problems] : problems,
  }
}
