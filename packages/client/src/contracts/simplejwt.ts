import { type Check, isObject, isText, shape } from '../check.ts'
import type { Client, ClientOptions } from '../client.ts'
import { createBase } from '../create-base.ts'
import { type DrfErrorBody, drfVoice } from '../voice.ts'
import { isMessage, type MessageReply } from './shared.ts'

/** What document 004 takes for a registration and for a login. */
export type SimpleJwtCredentials = { readonly username: string; readonly password: string }

export type SimpleJwtLogin = { readonly refresh: string; readonly access: string }

export type SimpleJwtAccess = {
  readonly access: string
  /** Only of a server that rotates them; Latchkey does not. */
  readonly refresh?: string
}

export type SimpleJwtError = DrfErrorBody<'username' | 'password' | 'refresh' | 'token'>

/** Speaks document 004, and SimpleJWT's routes beside it: `access` for minutes, `refresh` for a day. */
export type SimpleJwtClient = Client<SimpleJwtError> & {
  /** @throws {ContractError} @throws {ConnectionError} */
  register(input: SimpleJwtCredentials): Promise<MessageReply>
  /** Signs in. @throws {ContractError} @throws {ConnectionError} */
  login(input: SimpleJwtCredentials): Promise<SimpleJwtLogin>
  /** Renews the access token now; `fetch` does that by itself. @throws {ContractError} @throws {SignedOutError} */
  refresh(): Promise<SimpleJwtAccess>
  /** Signs out here, whatever the server says to it. @throws {ContractError} @throws {ConnectionError} */
  logout(): Promise<MessageReply>
  /** Succeeds for a live token of either kind. @throws {ContractError} 401 for any other. @throws {ConnectionError} */
  verify(input: { readonly token: string }): Promise<Readonly<Record<string, never>>>
  /** Ends the session of a refresh token. @throws {ContractError} @throws {ConnectionError} */
  blacklist(input: { readonly refresh: string }): Promise<Readonly<Record<string, never>>>
}

const isLogin: Check<SimpleJwtLogin> = shape({ refresh: isText, access: isText })
const hasAccess = shape({ access: isText })

function isAccess(json: unknown): json is SimpleJwtAccess {
  return hasAccess(json) && (!('refresh' in json) || isText(json.refresh))
}

function isEmpty(json: unknown): json is Readonly<Record<string, never>> {
  return isObject(json)
}

export function createSimpleJwtClient(options: ClientOptions): SimpleJwtClient {
  const { client, call, signIn, refresh, logout, forgetRefresh } = createBase<SimpleJwtError>(
    {
      name: 'simplejwt',
      scheme: 'Bearer',
      voice: drfVoice(),
      logout: { method: 'POST', path: '/api/users/logout/' },
      refresh: {
        path: '/api/users/token/refresh/',
        write: (token) => ({ json: { refresh: token } }),
        read: (json) => (isAccess(json) ? json : null),
        isOver: ({ status }) => status === 401,
      },
    },
    options,
  )
  return {
    ...client,
    register: (input) => call('/api/users/register/', { json: input }, isMessage),
    async login(input) {
      const reply = await call('/api/users/login/', { json: input }, isLogin)
      await signIn(reply)
      return reply
    },
    refresh: async () => ({ access: (await refresh()).access }),
    logout: () => logout(isMessage),
    verify: (input) => call('/api/users/token/verify/', { json: input }, isEmpty),
    async blacklist(input) {
      const reply = await call('/api/users/token/blacklist/', { json: input }, isEmpty)
      await forgetRefresh(input.refresh)
      return reply
    },
  }
}
