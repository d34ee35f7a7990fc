import type { Case } from './case.ts'
import type { Difference } from './compare.ts'
import type { Answer } from './exchange.ts'

/** A difference between a contract and servers of its kind that is known, and why it is there. */
type Deviation = {
  readonly contracts: readonly string[]
  /** The cases by their names, or all of a kind. */
  readonly cases: RegExp
  readonly kind?: Case['kind']
  /** What the other server answers. Anything else is no known difference. */
  readonly status: readonly number[]
  /** Where the answers may differ, beside their status. */
  readonly at: RegExp
  /** What has to stand there in the other server's answer. */
  readonly got?: RegExp
  readonly reason: string
}

const DRF = ['drf-jwt', 'drf-token', 'simplejwt']
const ALL = [...DRF, 'express-jwt']
const ANYTHING = /./

const DEVIATIONS: readonly Deviation[] = [
  {
    contracts: ['simplejwt'],
    cases: ANYTHING,
    status: [401],
    at: /^body\.(code|messages)$/,
    reason:
      'SimpleJWT adds code and messages, of which the document knows nothing. LATCHKEY_SIMPLEJWT_CODES=true adds them here too.',
  },
  {
    contracts: ['simplejwt'],
    cases: /^(refreshing after the logout|an access token is no refresh token|companion: blacklisting it again)$/,
    status: [401],
    at: /^body\.(detail|code)$/,
    got: /^"(Token (is blacklisted|has wrong type)|token_not_valid)"$/,
    reason: 'SimpleJWT words why a token is bad; here every bad token has the one sentence of the document.',
  },
  {
    contracts: ['simplejwt'],
    cases: /^(an access token is dead after the logout|companion: the access token is dead once .*)$/,
    status: [200],
    at: /^(header www-authenticate|body\.(detail|message))$/,
    reason: 'SimpleJWT ends the refresh token only; here a logout ends the access token with it, at once.',
  },
  {
    contracts: ['simplejwt'],
    cases: /^companion: verifying a token of a session that has ended$/,
    status: [200],
    at: /^(header www-authenticate|body\.detail)$/,
    reason: 'SimpleJWT ends the refresh token only; here a logout ends the access token with it, at once.',
  },
  {
    contracts: ['drf-jwt', 'simplejwt', 'express-jwt'],
    cases: / that differs in letter case only is taken$/,
    status: [200, 201],
    at: /^body/,
    reason:
      'Names that differ in their case are two accounts there, and one here: import reports those that collide before anything is moved.',
  },
  {
    contracts: ALL,
    cases: /^(logging in with )?the (user)?name in another letter case$/,
    status: [400, 401],
    at: /^(header www-authenticate|body)/,
    reason: 'Case counts in a name there; here an account is found however its name is written.',
  },
  {
    contracts: ['drf-jwt'],
    cases: /^logging in with the name under username$/,
    status: [400],
    at: /^body/,
    reason: 'That server asks for email; here the name may also stand under username.',
  },
  {
    contracts: ['simplejwt'],
    cases: /^what the tokens? says?, and how long/,
    status: [200],
    at: /, lifetime$/,
    got: /^\d+ s$/,
    reason:
      'How long tokens are good is a choice of that server: here LATCHKEY_SIMPLEJWT_ACCESS_SECONDS and LATCHKEY_SIMPLEJWT_REFRESH_SECONDS are.',
  },
  {
    contracts: ['drf-jwt'],
    cases: /^what the tokens? says?, and how long/,
    status: [200],
    at: /, lifetime$/,
    got: /^\d+ s$/,
    reason: 'How long tokens are good is a choice of that server: here LATCHKEY_DRF_JWT_SECONDS is.',
  },
  {
    contracts: ['express-jwt'],
    cases: /^what the tokens? says?, and how long/,
    status: [200],
    at: /, lifetime$/,
    got: /^\d+ s$/,
    reason: 'How long tokens are good is a choice of that server: here LATCHKEY_EXPRESS_JWT_SECONDS is.',
  },
  {
    contracts: ['drf-jwt'],
    cases: /^as a form$/,
    status: [400],
    at: /^body/,
    reason:
      'In a form, DRF takes a flag that is absent for false, so whoever registered is disabled; here an absent is_active is true.',
  },
  {
    contracts: ALL,
    cases: /^without the trailing slash$| without its slash$/,
    status: [301, 307, 308, 404, 405, 500],
    at: /^(header|body)/,
    reason: 'That server knows the path with its slash only; here both are answered, so nobody misses anything.',
  },
  {
    contracts: ['drf-token', 'simplejwt'],
    cases: ANYTHING,
    kind: 'companion',
    status: [404],
    at: /^(header|body)/,
    reason: 'The document has no such route, and that server neither: here it is a companion of the documented ones.',
  },
  {
    contracts: DRF,
    cases: /^an answer (that may not be JSON|in XML is asked of .*)$/,
    status: [400],
    at: /^(header|body)/,
    reason:
      'That server takes no notice of Accept; here what cannot be given is refused, as the framework does by default.',
  },
  {
    contracts: ['express-jwt'],
    cases: ANYTHING,
    status: [400],
    at: /^body\.errors\.password\.value$/,
    reason:
      'A password comes back in that server’s errors; here it never does, as what comes back is logged somewhere.',
  },
  {
    contracts: ['express-jwt'],
    cases: /^(a body that is no JSON|JSON that breaks off, to .*)$/,
    status: [400],
    at: /^(header content-type|body)/,
    reason:
      'What is said of broken JSON is that server’s or its parser’s own, and can quote a password; here it is one sentence.',
  },
  {
    contracts: ['express-jwt'],
    cases: /^logging in as a user who does not exist$/,
    status: [400],
    at: /^body\.errors\.main\.(value|msg)$/,
    got: /^("user password incorrect"|absent)$/,
    reason: 'That server does not tell who has an account, as LATCHKEY_ENUMERATION=uniform does it here.',
  },
  {
    contracts: ['express-jwt'],
    cases: /^OPTIONS of /,
    status: [200, 204],
    at: /^(header|body)/,
    reason:
      'Express lists methods for OPTIONS; here only a browser’s preflight is answered, once an origin is allowed.',
  },
  {
    contracts: ['express-jwt'],
    cases: /^(GET|HEAD|PUT|PATCH|DELETE) of |^a (method that means nothing here is a )?path that is not there$/,
    status: [404, 405],
    at: /^(header (content-type|allow)|body)/,
    reason:
      'The document says nothing of unknown paths, so each server has its own page there; the status is the same.',
  },
  {
    contracts: DRF,
    cases: /^a path that is not there$/,
    status: [404],
    at: /^(header content-type|body)/,
    reason: 'Django’s own page for unknown paths is HTML; here it is DRF’s JSON. The status is the same.',
  },
]

/** Why an answer differs from the promised one, or `null` where that is not known. */
export function findReason(
  contract: string,
  { tried, answer, differences }: { tried: Case; answer: Answer; differences: readonly Difference[] },
): string | null {
  const found = DEVIATIONS.find(
    ({ contracts, cases, kind, status, at, got }) =>
      contracts.includes(contract) &&
      cases.test(tried.name) &&
      (kind === undefined || kind === tried.kind) &&
      status.includes(answer.status) &&
      differences.every((one) => one.at === 'status' || (at.test(one.at) && (got === undefined || got.test(one.got)))),
  )
  return found?.reason ?? null
}
