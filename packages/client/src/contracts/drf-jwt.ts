import { type Check, isText, shape } from '../check.ts'
import type { Client, ClientOptions } from '../client.ts'
import { createBase } from '../create-base.ts'
import { type DrfErrorBody, drfVoice } from '../voice.ts'
import { isMessage, isNothing, type MessageReply } from './shared.ts'

/** What documents 000 and 001 take for a registration. */
export type DrfJwtRegistration = {
  readonly email: string
  readonly username: string
  readonly name: string
  readonly password: string
  readonly phone_number?: string
  /** Grants nothing: the server stores it as false. */
  readonly is_staff?: boolean | string
  /** `false` registers a disabled account. */
  readonly is_active?: boolean | string
}

/** An email or a username, under either name. */
export type DrfJwtCredentials =
  | { readonly email: string; readonly password: string }
  | { readonly username: string; readonly password: string }

export type DrfJwtLogin = {
  readonly name: string
  readonly username: string
  readonly phone_number: string
  /** Good for 60 days. */
  readonly token: string
}

export type DrfJwtError = DrfErrorBody<
  'email' | 'username' | 'name' | 'password' | 'phone_number' | 'is_staff' | 'is_active'
>

export type DrfJwtOptions = ClientOptions & {
  /** Whose paths: `/registration/` and `/login/`, or `/user/register/` and `/user/login/`, as they are unless told. */
  readonly paths?: '/' | '/user/'
}

/** Speaks documents 000 and 001: a `token` for 60 days. */
export type DrfJwtClient = Client<DrfJwtError> & {
  /** @throws {ContractError} @throws {ConnectionError} */
  register(input: DrfJwtRegistration): Promise<MessageReply>
  /** Signs in. @throws {ContractError} @throws {ConnectionError} */
  login(input: DrfJwtCredentials): Promise<DrfJwtLogin>
  /** Signs out here, whatever the server says to it. @throws {ContractError} @throws {ConnectionError} */
  logout(): Promise<void>
}

const isLogin: Check<DrfJwtLogin> = shape({ name: isText, username: isText, phone_number: isText, token: isText })

const PATHS = {
  '/': { register: '/registration/', login: '/login/' },
  '/user/': { register: '/user/register/', login: '/user/login/' },
} as const

export function createDrfJwtClient(options: DrfJwtOptions): DrfJwtClient {
  const { client, call, signIn, logout } = createBase<DrfJwtError>(
    // The documents have no logout: any live token ends its session here.
    { name: 'drf-jwt', scheme: 'Bearer', voice: drfVoice(), logout: { method: 'DELETE', path: '/v1/session' } },
    options,
  )
  const paths = PATHS[options.paths ?? '/user/']
  return {
    ...client,
    register: (input) => call(paths.register, { json: input }, isMessage),
    async login(input) {
      const reply = await call(paths.login, { json: input }, isLogin)
      await signIn({ access: reply.token })
      return reply
    },
    logout: () => logout(isNothing),
  }
}
