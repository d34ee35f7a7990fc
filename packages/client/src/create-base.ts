import { createAuthorizedFetch } from './authorized-fetch.ts'
import type { Check } from './check.ts'
import type { Client, ClientOptions } from './client.ts'
import { ContractError, SignedOutError } from './contract-error.ts'
import { endSession } from './end-session.ts'
import { createKeeper } from './keeper.ts'
import { createLock } from './lock.ts'
import { createProbe, createRenew, type RefreshSpec } from './renew-tokens.ts'
import { createRenewal } from './renewal.ts'
import { isSuccess, type Reply } from './reply.ts'
import { isSessionReply } from './session-reply.ts'
import { memoryStorage } from './storage.ts'
import { beginTokens, type GivenTokens, type Tokens } from './tokens.ts'
import { problemVoice, type Sentences, type Voice } from './voice.ts'
import { createWire, type WireRequest } from './wire.ts'

/** What the clients of two contracts differ in, beside their words. */
export type ContractSpec<Body> = {
  readonly name: string
  /** Goes before the token in `Authorization`. */
  readonly scheme: 'Bearer' | 'Token'
  readonly voice: Voice<Body>
  readonly logout: { readonly path: string; readonly method: string }
  /** Where the contract has refresh tokens. */
  readonly refresh?: RefreshSpec
}

/** What the methods of a contract's client are made from. */
export type Base<Body> = {
  readonly client: Client<Body>
  /** Asks without a token. @throws {ContractError} unless it succeeds with an answer of this kind. */
  call<Type>(path: string, request: WireRequest, check: Check<Type>): Promise<Type>
  /** Asks in the name of who is signed in. @throws {ContractError} */
  callSigned<Type>(path: string, request: WireRequest, check: Check<Type>): Promise<Type>
  signIn(tokens: GivenTokens): Promise<void>
  /** Signs out here, and then ends the session. @throws {ContractError} */
  logout<Type>(check: Check<Type>): Promise<Type>
  /** Renews the access token now. @throws {ContractError} @throws {SignedOutError} */
  refresh(): Promise<Tokens>
  /** Signs out here, if this is the refresh token of who is signed in. */
  forgetRefresh(refresh: string): Promise<void>
}

const TIMEOUT = 30_000
const NOTHING: Sentences = { fields: {}, form: [] }

export function createBase<Body>(spec: ContractSpec<Body>, options: ClientOptions): Base<Body> {
  const { storage = memoryStorage(), origins = [], timeout = TIMEOUT, now = Date.now } = options
  const fetch = options.fetch ?? ((request: Request) => globalThis.fetch(request))
  const wire = createWire(options.url, { fetch, now, timeout })
  const place = (path: string) =>
    options.ownPlace === true && !path.startsWith('/v1/') ? `/${spec.name}${path}` : path
  const toError = (reply: Reply) => writeError(spec, reply)
  const keeper = createKeeper(storage, timeout)
  const parts = { keeper, wire, toError, now }
  const probe = createProbe(parts, spec.scheme)
  const refresh = spec.refresh && { ...spec.refresh, path: place(spec.refresh.path) }
  const renewal = createRenewal({
    keeper,
    lock: createLock(storage, 'renew', timeout),
    now,
    renew: refresh === undefined ? probe : createRenew(parts, refresh),
    probe,
  })
  const fetchSigned = createAuthorizedFetch({ wire, scheme: spec.scheme, origins, renewal })
  const logout = { ...spec.logout, path: place(spec.logout.path), scheme: spec.scheme }

  const judge = <Type>(reply: Reply, check: Check<Type>): Type => {
    const { json, text } = reply
    // A page in the place of an answer, as hotels send it, is no answer without a body either.
    const isOther = json === undefined && text !== ''
    if (!isSuccess(reply) || isOther || !check(json)) throw toError(reply)
    return json
  }
  const callSigned: Base<Body>['callSigned'] = async (path, request, check) =>
    judge(await wire.ask(place(path), request, fetchSigned), check)
  const signIn = async (tokens: GivenTokens) => keeper.keep(beginTokens(tokens, now()))

  if (options.onLogout !== undefined) {
    const { onLogout } = options
    keeper.subscribe((event) => event.type === 'signed-out' && onLogout(event.reason))
  }

  return {
    client: {
      fetch: async (...request) => fetchSigned(new Request(...request)),
      request: (path, request = {}) => wire.ask(path, request),
      restore: async () => (await keeper.read()) !== null,
      session: () => callSigned('/v1/session', {}, isSessionReply),
      adopt: signIn,
      subscribe: keeper.subscribe,
      isError: (error): error is ContractError<Body> => error instanceof ContractError && error.contract === spec.name,
      close: keeper.close,
    },
    call: async (path, request, check) => judge(await wire.ask(place(path), request), check),
    callSigned,
    signIn,
    logout: async (check) => {
      const tokens = await keeper.forget(null, 'logout')
      return judge(await endSession({ wire, logout, refresh, toError }, tokens), check)
    },
    async refresh() {
      const { tokens, refusal } = await renewal.force()
      if (refusal !== null) throw refusal
      if (tokens === null) throw new SignedOutError()
      return tokens
    },
    async forgetRefresh(token) {
      const tokens = await keeper.read()
      if (tokens?.refresh === token) await keeper.forget(tokens.id, 'logout')
    },
  }
}

/** Some answers to a contract's client are `/v1`'s, and some a proxy's. */
function writeError<Body>({ name, voice }: ContractSpec<Body>, reply: Reply): ContractError<Body> {
  const { json } = reply
  if (isSuccess(reply)) return new ContractError<Body>(name, reply, null, NOTHING)
  if (voice.isBody(json)) return new ContractError<Body>(name, reply, json, voice.sort(json))
  return new ContractError<Body>(name, reply, null, problemVoice.isBody(json) ? problemVoice.sort(json) : NOTHING)
}
