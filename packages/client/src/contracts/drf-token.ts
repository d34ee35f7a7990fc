import { type Check, isNumber, isText, shape } from '../check.ts'
import type { Client, ClientOptions } from '../client.ts'
import { createBase } from '../create-base.ts'
import { type DrfErrorBody, drfVoice } from '../voice.ts'
import { type DetailReply, isDetail } from './shared.ts'

/** What document 002 takes for a registration. */
export type DrfTokenRegistration = {
  readonly first_name: string
  readonly last_name: string
  readonly email: string
  readonly password1: string
  readonly password2: string
}

export type DrfTokenRegistered = {
  readonly id: number
  readonly first_name: string
  readonly last_name: string
  readonly email: string
}

export type DrfTokenCredentials = { readonly email: string; readonly password: string }

export type DrfTokenLogin = { readonly key: string }

/** One's own details, as dj-rest-auth has them. */
export type DrfTokenUser = {
  readonly pk: number
  readonly username: string
  readonly email: string
  readonly first_name: string
  readonly last_name: string
}

export type DrfTokenUserChange = Partial<Pick<DrfTokenUser, 'username' | 'first_name' | 'last_name'>>
export type DrfTokenUserInput = DrfTokenUserChange & { readonly username: string }

export type DrfTokenPasswordChange = {
  readonly old_password: string
  readonly new_password1: string
  readonly new_password2: string
}

/** `uid` and `token` are those of the link in the letter. */
export type DrfTokenPasswordReset = {
  readonly uid: string
  readonly token: string
  readonly new_password1: string
  readonly new_password2: string
}

export type DrfTokenError = DrfErrorBody<
  | keyof DrfTokenRegistration
  | 'password'
  | 'username'
  | keyof DrfTokenPasswordChange
  | keyof DrfTokenPasswordReset
  | 'key'
>

/** Speaks document 002, and dj-rest-auth's routes beside it: a `key`, sent as `Token`. All methods throw as they say. */
export type DrfTokenClient = Client<DrfTokenError> & {
  /** @throws {ContractError} @throws {ConnectionError} */
  register(input: DrfTokenRegistration): Promise<DrfTokenRegistered>
  /** Signs in. @throws {ContractError} @throws {ConnectionError} */
  login(input: DrfTokenCredentials): Promise<DrfTokenLogin>
  /** Signs out here, whatever the server says to it. @throws {ContractError} @throws {ConnectionError} */
  logout(): Promise<DetailReply>
  /** One's own details. @throws {ContractError} @throws {ConnectionError} */
  user(): Promise<DrfTokenUser>
  /** Changes some of them (`PATCH`). @throws {ContractError} @throws {ConnectionError} */
  updateUser(input: DrfTokenUserChange): Promise<DrfTokenUser>
  /** Writes all of them (`PUT`). @throws {ContractError} @throws {ConnectionError} */
  replaceUser(input: DrfTokenUserInput): Promise<DrfTokenUser>
  /** Ends every other session of the account. @throws {ContractError} @throws {ConnectionError} */
  changePassword(input: DrfTokenPasswordChange): Promise<DetailReply>
  /** Asks for a letter with a link. @throws {ContractError} 404 where the server sends none. @throws {ConnectionError} */
  resetPassword(input: { readonly email: string }): Promise<DetailReply>
  /** @throws {ContractError} @throws {ConnectionError} */
  confirmPasswordReset(input: DrfTokenPasswordReset): Promise<DetailReply>
  /** Proves an address with the key of the link in the letter. @throws {ContractError} @throws {ConnectionError} */
  verifyEmail(input: { readonly key: string }): Promise<DetailReply>
  /** @throws {ContractError} @throws {ConnectionError} */
  resendEmail(input: { readonly email: string }): Promise<DetailReply>
}

const isRegistered: Check<DrfTokenRegistered> = shape({
  id: isNumber,
  first_name: isText,
  last_name: isText,
  email: isText,
})
const isLogin: Check<DrfTokenLogin> = shape({ key: isText })
const isUser: Check<DrfTokenUser> = shape({
  pk: isNumber,
  username: isText,
  email: isText,
  first_name: isText,
  last_name: isText,
})

export function createDrfTokenClient(options: ClientOptions): DrfTokenClient {
  const { client, call, callSigned, signIn, logout } = createBase<DrfTokenError>(
    {
      name: 'drf-token',
      scheme: 'Token',
      voice: drfVoice(),
      logout: { method: 'POST', path: '/api/users/logout/' },
    },
    options,
  )
  return {
    ...client,
    register: (input) => call('/api/users/registration/', { json: input }, isRegistered),
    async login(input) {
      const reply = await call('/api/users/login/', { json: input }, isLogin)
      await signIn({ access: reply.key })
      return reply
    },
    logout: () => logout(isDetail),
    user: () => callSigned('/api/users/user/', {}, isUser),
    updateUser: (input) => callSigned('/api/users/user/', { method: 'PATCH', json: input }, isUser),
    replaceUser: (input) => callSigned('/api/users/user/', { method: 'PUT', json: input }, isUser),
    changePassword: (input) => callSigned('/api/users/password/change/', { json: input }, isDetail),
    resetPassword: (input) => call('/api/users/password/reset/', { json: input }, isDetail),
    confirmPasswordReset: (input) => call('/api/users/password/reset/confirm/', { json: input }, isDetail),
    verifyEmail: (input) => call('/api/users/registration/verify-email/', { json: input }, isDetail),
    resendEmail: (input) => call('/api/users/registration/resend-email/', { json: input }, isDetail),
  }
}
