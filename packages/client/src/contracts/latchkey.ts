import { type Check, isExactly, isNumber, isText, shape } from '../check.ts'
import type { Client, ClientOptions } from '../client.ts'
import { createBase } from '../create-base.ts'
import { type Account, isAccount, isSession, type Session } from '../session-reply.ts'
import { type ProblemBody, problemVoice } from '../voice.ts'
import { isNothing } from './shared.ts'

/** Somebody who signs up, by an email address, a username, or both. */
export type NewAccount = ({ readonly email: string } | { readonly username: string }) & {
  readonly email?: string
  readonly username?: string
  readonly password: string
  readonly name?: string
  readonly first_name?: string
  readonly last_name?: string
  readonly phone_number?: string
}

export type AccountReply = { readonly account: Account }

/** `identifier` is an email address or a username. */
export type Credentials = { readonly identifier: string; readonly password: string }

export type TokensReply = {
  readonly access_token: string
  readonly token_type: 'Bearer'
  readonly expires_in: number
  readonly refresh_token: string
  readonly refresh_expires_in: number
  readonly session: Session
  readonly account: Account
}

export type RefreshReply = Pick<TokensReply, 'access_token' | 'token_type' | 'expires_in'>

/** Speaks `/v1`: plain JSON and problem documents. Take this one where no document binds you. */
export type LatchkeyClient = Client<ProblemBody> & {
  /** @throws {ContractError} @throws {ConnectionError} */
  register(input: NewAccount): Promise<AccountReply>
  /** Signs in. @throws {ContractError} @throws {ConnectionError} */
  login(input: Credentials): Promise<TokensReply>
  /** Renews the access token now; `fetch` does that by itself. @throws {ContractError} @throws {SignedOutError} */
  refresh(): Promise<Pick<RefreshReply, 'access_token' | 'token_type'>>
  /** Signs out here, whatever the server says to it. @throws {ContractError} @throws {ConnectionError} */
  logout(): Promise<void>
}

const isAccountReply: Check<AccountReply> = shape({ account: isAccount })
const RENEWED = { access_token: isText, token_type: isExactly('Bearer'), expires_in: isNumber }
const isRenewed: Check<RefreshReply> = shape(RENEWED)
const isTokens: Check<TokensReply> = shape({
  ...RENEWED,
  refresh_token: isText,
  refresh_expires_in: isNumber,
  session: isSession,
  account: isAccount,
})

export function createLatchkeyClient(options: Omit<ClientOptions, 'ownPlace'>): LatchkeyClient {
  const { client, call, signIn, refresh, logout } = createBase<ProblemBody>(
    {
      name: 'v1',
      scheme: 'Bearer',
      voice: problemVoice,
      logout: { method: 'DELETE', path: '/v1/session' },
      refresh: {
        path: '/v1/session/refresh',
        write: (token) => ({ json: { refresh_token: token } }),
        read: (json) => (isRenewed(json) ? { access: json.access_token, expiresIn: json.expires_in } : null),
        isOver: ({ status, json }) => status === 401 || (problemVoice.isBody(json) && json.code === 'invalid_token'),
      },
    },
    options,
  )
  return {
    ...client,
    register: (input) => call('/v1/accounts', { json: input }, isAccountReply),
    async login(input) {
      const reply = await call('/v1/sessions', { json: input }, isTokens)
      const { access_token: access, refresh_token, expires_in: expiresIn } = reply
      await signIn({ access, refresh: refresh_token, expiresIn })
      return reply
    },
    refresh: async () => ({ access_token: (await refresh()).access, token_type: 'Bearer' }),
    logout: () => logout(isNothing),
  }
}
