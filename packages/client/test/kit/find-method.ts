import type { TableRequest } from '../../../../server/test/kit/wire.ts'
import {
  type ClientOptions,
  createDrfJwtClient,
  createDrfTokenClient,
  createExpressJwtClient,
  createSimpleJwtClient,
  type DrfJwtOptions,
  type GivenTokens,
  type Reply,
  type WireRequest,
} from '../../src/index.ts'

/** Sends just the request that it was found for, by a method of a client. */
export type Method = (options: ClientOptions) => Promise<unknown>

type AnyClient = {
  adopt(tokens: GivenTokens): Promise<void>
  request(path: string, request: WireRequest): Promise<Reply>
}

/**
 * A route that a method asks. A body is handed over as it is in the example, also where its type would not let a program
 * do so: what the server says to it is to come back all the same.
 */
type Route<Client> = {
  /** Whether it takes a body, and goes out in nobody's name; or the other way round; or both. */
  readonly kind: 'open' | 'bare' | 'signed'
  readonly call: (client: Client, json: never) => Promise<unknown>
}

type Contract = {
  readonly create: (options: ClientOptions) => AnyClient
  readonly find: (request: TableRequest) => Method | null
}

const CONTRACTS: Readonly<Record<string, Contract>> = {
  'drf-jwt': describeContract('drf-jwt', 'Bearer', createDrfJwtClient, {
    'POST /registration/': open((client, json) => client.register(json)),
    'POST /login/': open((client, json) => client.login(json)),
    'POST /user/register/': open((client, json) => client.register(json)),
    'POST /user/login/': open((client, json) => client.login(json)),
    'DELETE /v1/session': bare((client) => client.logout()),
  }),
  'drf-token': describeContract('drf-token', 'Token', createDrfTokenClient, {
    'POST /api/users/registration/': open((client, json) => client.register(json)),
    'POST /api/users/login/': open((client, json) => client.login(json)),
    'POST /api/users/logout/': bare((client) => client.logout()),
    'GET /api/users/user/': bare((client) => client.user()),
    'PATCH /api/users/user/': signed((client, json) => client.updateUser(json)),
    'PUT /api/users/user/': signed((client, json) => client.replaceUser(json)),
    'POST /api/users/password/change/': signed((client, json) => client.changePassword(json)),
    'POST /api/users/password/reset/': open((client, json) => client.resetPassword(json)),
    'POST /api/users/password/reset/confirm/': open((client, json) => client.confirmPasswordReset(json)),
    'POST /api/users/registration/verify-email/': open((client, json) => client.verifyEmail(json)),
    'POST /api/users/registration/resend-email/': open((client, json) => client.resendEmail(json)),
  }),
  'express-jwt': describeContract('express-jwt', 'Bearer', createExpressJwtClient, {
    'POST /api/auth/register/': open((client, json) => client.register(json)),
    'POST /api/auth/login/': open((client, json) => client.login(json)),
    'DELETE /v1/session': bare((client) => client.logout()),
  }),
  simplejwt: describeContract('simplejwt', 'Bearer', createSimpleJwtClient, {
    'POST /api/users/register/': open((client, json) => client.register(json)),
    'POST /api/users/login/': open((client, json) => client.login(json)),
    'POST /api/users/token/refresh/': open(async (client, { refresh }: { refresh: string }) => {
      await client.adopt({ access: 'any', refresh })
      return client.refresh()
    }),
    'POST /api/users/logout/': bare((client) => client.logout()),
    'POST /api/users/token/verify/': open((client, json) => client.verify(json)),
    'POST /api/users/token/blacklist/': open((client, json) => client.blacklist(json)),
  }),
}

export function createClient(contract: string, options: ClientOptions): AnyClient {
  return nameContract(contract).create(options)
}

/** The method of a contract's client that sends just this request; `null` where none does. */
export function findMethod(contract: string, request: TableRequest): Method | null {
  return nameContract(contract).find(request)
}

function nameContract(contract: string): Contract {
  const found = CONTRACTS[contract]
  if (found === undefined) throw new Error(`There is no client of ${contract}.`)
  return found
}

function describeContract<Client extends AnyClient>(
  slug: string,
  scheme: string,
  create: (options: DrfJwtOptions) => Client,
  routes: Readonly<Record<string, Route<Client>>>,
): Contract {
  return {
    create,
    find({ method, path, headers = {}, json, body, body_base64 }) {
      const ownPlace = path.startsWith(`/${slug}/`)
      const plain = ownPlace ? path.slice(slug.length + 1) : path
      const route = routes[`${method} ${plain}`]
      const { Authorization: authorization, ...others } = headers
      const token = authorization === undefined ? null : readToken(authorization, scheme)
      const isPlain = body === undefined && body_base64 === undefined && Object.keys(others).length === 0
      if (route === undefined || !isPlain || !takes(route, json, token)) return null
      // What a refresh sends is not its caller's to choose.
      if (plain.endsWith('/refresh/') && !hasText(json, 'refresh')) return null
      return async (options) => {
        const client = create({ ...options, ownPlace, paths: plain.startsWith('/user/') ? '/user/' : '/' })
        if (token !== null) await client.adopt({ access: token })
        return route.call(client, json as never)
      }
    },
  }
}

function hasText(json: unknown, name: string): boolean {
  return typeof json === 'object' && json !== null && name in json && typeof json[name as never] === 'string'
}

function takes<Client>({ kind }: Route<Client>, json: unknown, token: string | null): boolean {
  const isObject = typeof json === 'object' && json !== null && !Array.isArray(json)
  if (token === '' || (kind === 'open' && token !== null)) return false
  return kind === 'bare' ? json === undefined : isObject
}

/** @returns '' for what is not the contract's scheme and one token. */
function readToken(authorization: string, scheme: string): string {
  const [given, token = '', ...rest] = authorization.split(' ')
  return given === scheme && rest.length === 0 ? token : ''
}

function open<Client>(call: Route<Client>['call']): Route<Client> {
  return { kind: 'open', call }
}

function bare<Client>(call: (client: Client) => Promise<unknown>): Route<Client> {
  return { kind: 'bare', call }
}

function signed<Client>(call: Route<Client>['call']): Route<Client> {
  return { kind: 'signed', call }
}
