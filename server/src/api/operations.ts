import { challenge, type DoorDescription, headOf, type Operation, RETRY_AFTER, type Reply } from '../http/operation.ts'
import { AccountReply, NewAccount } from './account-schema.ts'
import { EXAMPLES } from './examples.ts'
import { ProblemReply } from './problem-schema.ts'
import { NewSession, Refresh, RefreshReply, SessionReply, TokensReply } from './session-schema.ts'

const JSON_ONLY = ['application/json']

const UNAUTHENTICATED = problem('ProblemUnauthenticated', 'No token, or one that is not alive; `code` says which.', [
  challenge('Bearer realm="latchkey"'),
])

/** What every operation may be refused with. */
const ALWAYS = {
  500: problem('ProblemServerError', 'Something went wrong here; it has been logged.'),
  503: problem('ProblemUnavailable', 'This cannot be done just now.', [RETRY_AFTER]),
}

const BODY_REFUSALS = {
  400: {
    ...problem('ProblemRefused', 'The body is not right; `code` says how, and `errors` which members.'),
    examples: { 'a password that is too short, and a member that is none': EXAMPLES.refusedForm },
  },
  413: problem('ProblemTooLarge', 'The body is too large.'),
  415: problem('ProblemUnsupportedMediaType', 'A content type that is not read here.'),
}

const LIMITED = { 429: problem('ProblemThrottled', 'Too many attempts.', [RETRY_AFTER]) }

const register: Operation = {
  summary: 'Register',
  description: 'Makes an account, and signs nobody in. A name that is taken is told as `taken`.',
  request: { schema: { ...NewAccount }, contentTypes: JSON_ONLY, examples: { 'signing up': EXAMPLES.newAccount } },
  replies: {
    201: { description: 'The account.', schema: { ...AccountReply }, examples: { 'signed up': EXAMPLES.account } },
    ...BODY_REFUSALS,
    ...LIMITED,
    ...ALWAYS,
  },
}

const signIn: Operation = {
  summary: 'Log in',
  description: 'Opens a session and gives its tokens.',
  request: { schema: { ...NewSession }, contentTypes: JSON_ONLY, examples: { 'logging in': EXAMPLES.newSession } },
  replies: {
    201: {
      description: 'The tokens of a new session.',
      schema: { ...TokensReply },
      examples: { 'logged in': EXAMPLES.tokens },
    },
    ...BODY_REFUSALS,
    400: {
      ...problem('ProblemNotLoggedIn', 'No active account has this name and password, or the body is not right.'),
      examples: { 'a wrong password, or an unknown name': EXAMPLES.wrongCredentials },
    },
    ...LIMITED,
    ...ALWAYS,
  },
}

const refresh: Operation = {
  summary: 'Refresh the access token',
  request: { schema: { ...Refresh }, contentTypes: JSON_ONLY, examples: { refreshing: EXAMPLES.refresh } },
  replies: {
    200: {
      description: 'A new access token; the refresh token stays as it is.',
      schema: { ...RefreshReply },
      examples: { refreshed: EXAMPLES.access },
    },
    ...BODY_REFUSALS,
    ...ALWAYS,
  },
}

const session: Operation = {
  summary: 'Whose token is it',
  description: 'The account and the session of any live token.',
  credentials: 'token',
  replies: {
    200: {
      description: 'The account and the session.',
      schema: { ...SessionReply },
      examples: { 'a token of this door': EXAMPLES.session },
    },
    401: UNAUTHENTICATED,
    ...ALWAYS,
  },
}

const endSession: Operation = {
  summary: 'Log out',
  description: 'Ends the session of the token, and with it every token of that login.',
  credentials: 'token',
  replies: { 204: { description: 'It has ended.' }, 401: UNAUTHENTICATED, ...ALWAYS },
}

const IDENTITY = [
  ['X-Auth-Subject', 'The `sub` of the account’s tokens.'],
  ['X-Auth-User-Id', 'The account’s number.'],
  ['X-Auth-Username', 'Percent-encoded; empty when the account has none.'],
  ['X-Auth-Email', 'Percent-encoded; empty when the account has none.'],
  ['X-Auth-Staff', '`true` or `false`.'],
] as const

const forwardAuth: Operation = {
  summary: 'Let a proxy ask',
  description:
    'For nginx `auth_request`, Traefik ForwardAuth, Caddy `forward_auth` and Envoy `ext_authz`: whose request it is, or that it may not pass. Answers alike under every method. Where a proxy puts the client’s path behind this one, the options are the first segment below it (`/v1/forward-auth/require=staff/…`).',
  credentials: 'token',
  query: [
    {
      name: 'require',
      description: 'A comma list of `staff` and `verified-email`; `session` asks for no more than a live token.',
      schema: { type: 'string' },
    },
    {
      name: 'contract',
      description: 'A comma list of contracts, one of which has to have opened the session.',
      schema: { type: 'string' },
    },
  ],
  replies: {
    200: {
      description: 'It may pass, and this is whose it is. There is no body.',
      headers: IDENTITY.map(([name, description]) => ({
        name,
        description,
        schema: { type: 'string' },
        isRequired: true,
      })),
    },
    400: problem('ProblemInvalidOption', 'The proxy asks what cannot be answered: see its configuration.'),
    401: UNAUTHENTICATED,
    403: problem('ProblemForbidden', 'The token is alive, and its account may not pass.'),
    ...ALWAYS,
  },
}

const forwarded: Operation = { ...forwardAuth, summary: 'Let a proxy ask, by the method of its client' }

/** What the modern door offers. */
export function describeApi(): DoorDescription {
  return {
    name: 'v1',
    description:
      'The modern API: plain JSON, problem documents (RFC 9457), access tokens as RFC 9068 has them. It takes any live token of any contract.',
    operations: {
      '/v1/accounts': { POST: register },
      '/v1/sessions': { POST: signIn },
      '/v1/session/refresh': { POST: refresh },
      '/v1/session': { GET: session, HEAD: headOf(session), DELETE: endSession },
      '/v1/forward-auth': {
        GET: forwardAuth,
        HEAD: headOf(forwarded),
        POST: forwarded,
        PUT: forwarded,
        PATCH: forwarded,
        DELETE: forwarded,
        OPTIONS: forwarded,
      },
    },
  }
}

function problem(name: string, description: string, headers: Reply['headers'] = []): Reply {
  return { name, description, schema: { ...ProblemReply }, headers, contentType: 'application/problem+json' }
}
