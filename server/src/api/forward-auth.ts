import type { Core } from '../core/core.ts'
import type { Access } from '../core/session.ts'
import { recallAccess, requireAccess } from '../http/authorization.ts'
import type { Path, WireReply, WireRequest } from '../http/contract.ts'
import { writeOnce } from '../http/write-once.ts'
import { forbidden, problem, unauthorised } from './errors.ts'
import { type ForwardAuthOptions, findLack, type Requirement, readForwardAuthOptions } from './forward-auth-options.ts'

/** Where proxies ask. */
const FORWARD_AUTH = '/v1/forward-auth'

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const

/**
 * `GET /v1/forward-auth`: tells a proxy whose request it is about to let through, or that it may not. Proxies that ask by
 * the method of that request get the same answer. Some put its path and query behind ours, so that options cannot stand
 * in the query, which is the client's: then they are the first segment below (`/v1/forward-auth/require=staff/…`), and
 * what follows is not looked at.
 *
 * @param contracts the slugs of every door there is.
 */
export function forwardAuthPath(core: Pick<Core, 'checkAccess' | 'recallAccess'>, contracts: readonly string[]): Path {
  return {
    path: FORWARD_AUTH,
    methods: METHODS,
    answersBelow: true,
    async answer(request) {
      const options = readOptions(request, contracts)
      if ('fault' in options) return refuseOptions(options.fault)
      return writeForwardAuth(await requireAccess(core, request), options)
    },
    answerNow(request) {
      const options = readOptions(request, contracts)
      const access = request.method === 'GET' && !('fault' in options) ? recallAccess(core, request) : null
      return access === null || 'fault' in options ? null : writeForwardAuth(access, options)
    },
  }
}

/** Whether proxies ask at a path. */
export function isForwardAuth(path: string): boolean {
  return path === FORWARD_AUTH || path.startsWith(`${FORWARD_AUTH}/`)
}

/** The answer about a live token. */
export function writeForwardAuth(access: Access, options: ForwardAuthOptions): WireReply {
  const lack = findLack(access, options)
  return lack === null ? writeIdentity(access) : LACKS[lack]
}

/**
 * 200 and whose request it is. Every header is always there, empty where there is nothing to say: one that were left out
 * would leave in place what the client sent under its name.
 */
const writeIdentity = writeOnce(({ account }: Access) => ({
  status: 200,
  headers: {
    'x-auth-subject': account.subject,
    'x-auth-user-id': String(account.id),
    'x-auth-username': encode(account.username ?? ''),
    'x-auth-email': encode(account.email ?? ''),
    'x-auth-staff': String(account.isStaff),
  },
}))

/**
 * Percent-encodes a name in UTF-8, all but letters, digits and `-._~@`. With `+` left as it is, a reader that decodes as
 * forms are decoded would take one name for another.
 */
function encode(text: string): string {
  return encodeURIComponent(text)
    .replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%40', '@')
}

const LACKS: { readonly [Lack in Requirement | 'contract']: WireReply } = {
  contract: unauthorised(
    'wrong_contract',
    'This token is of another contract’s session. Log in there.',
    'invalid_token',
  ),
  staff: forbidden('This is for staff.'),
  'verified-email': forbidden('This takes an email address that was verified.'),
}

function readOptions({ path, query }: Pick<WireRequest, 'path' | 'query'>, contracts: readonly string[]) {
  const below = path.slice(FORWARD_AUTH.length + 1)
  if (below === '') return readForwardAuthOptions(query, contracts)
  const [segment = ''] = below.split('/')
  if (segment === '') return { fault: 'the options are missing before the path: write `require=session` for none' }
  return readForwardAuthOptions(segment, contracts)
}

/** Whoever sees this is the operator, or somebody whom nothing is told of anybody. */
function refuseOptions(fault: string): WireReply {
  return problem(400, 'invalid_option', `The proxy asks what cannot be answered: ${fault}.`)
}
