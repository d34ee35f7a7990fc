import { type Check, isExactly, isText, shape } from '../check.ts'
import type { Client, ClientOptions } from '../client.ts'
import { createBase } from '../create-base.ts'
import { type ExpressErrorBody, expressVoice } from '../voice.ts'
import { isNothing } from './shared.ts'

/** What document 003 takes for a registration. */
export type ExpressJwtRegistration = { readonly name: string; readonly email: string; readonly password: string }

export type ExpressJwtCredentials = { readonly email: string; readonly password: string }

/** Good for 24 hours. */
export type ExpressJwtToken = { readonly status: 'success'; readonly token: string }

export type ExpressJwtError = ExpressErrorBody<'name' | 'email' | 'password'>

/** Speaks document 003: a `token` for a day, which a registration gives too. */
export type ExpressJwtClient = Client<ExpressJwtError> & {
  /** Signs in, too. @throws {ContractError} @throws {ConnectionError} */
  register(input: ExpressJwtRegistration): Promise<ExpressJwtToken>
  /** Signs in. @throws {ContractError} @throws {ConnectionError} */
  login(input: ExpressJwtCredentials): Promise<ExpressJwtToken>
  /** Signs out here, whatever the server says to it. @throws {ContractError} @throws {ConnectionError} */
  logout(): Promise<void>
}

const isToken: Check<ExpressJwtToken> = shape({ status: isExactly('success'), token: isText })

export function createExpressJwtClient(options: ClientOptions): ExpressJwtClient {
  const { client, call, signIn, logout } = createBase<ExpressJwtError>(
    // The document has no logout: any live token ends its session here.
    { name: 'express-jwt', scheme: 'Bearer', voice: expressVoice(), logout: { method: 'DELETE', path: '/v1/session' } },
    options,
  )
  const enter = async (path: string, input: object): Promise<ExpressJwtToken> => {
    const reply = await call(path, { json: input }, isToken)
    await signIn({ access: reply.token })
    return reply
  }
  return {
    ...client,
    register: (input) => enter('/api/auth/register/', input),
    login: (input) => enter('/api/auth/login/', input),
    logout: () => logout(isNothing),
  }
}
