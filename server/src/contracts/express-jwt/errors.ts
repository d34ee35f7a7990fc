import type { AuthError, Problem, ProblemRule, SimilarTo } from '../../core/errors.ts'
import type { Circumstances, ErrorReplies, WireReply } from '../../http/contract.ts'
import { readBody } from '../../manners/express-validator/body.ts'
import { expressReply, mapped } from '../../manners/express-validator/replies.ts'
import type { ExpressJwtOptions } from './contract.ts'
import { REGISTRATION_CHAINS } from './input.ts'

const ORDER = Object.keys(REGISTRATION_CHAINS)

/** Every refusal in the words of document 003, in its envelope. */
export function createErrors({ enumeration }: Pick<ExpressJwtOptions, 'enumeration'>): ErrorReplies {
  const wrongPassword: ErrorReplies['wrong_password'] = () => main(400, 'user password incorrect')
  const unauthorised = (): WireReply => main(401, 'Not authorized!', { 'www-authenticate': 'Bearer' })

  return {
    invalid_input: invalidInput,
    unknown_account: (error, at) => (enumeration === 'documented' ? unknownUser(error) : wrongPassword(error, at)),
    wrong_password: wrongPassword,
    account_disabled: wrongPassword,
    too_many_attempts: ({ retryAfter }) =>
      main(429, `Too many attempts, try again in ${retryAfter} seconds`, { 'retry-after': String(retryAfter) }),
    unauthenticated: unauthorised,
    malformed_authorization: unauthorised,
    invalid_access_token: unauthorised,
    expired_access_token: unauthorised,
    account_inactive: unauthorised,
    invalid_token: unauthorised,
    overloaded: ({ retryAfter }) =>
      main(503, 'Service unavailable, try again later', { 'retry-after': String(retryAfter) }),
    malformed_body: ({ detail }) => main(400, `Malformed body: ${detail}`),
    not_an_object: () => main(400, 'Malformed body: Expecting a JSON object'),
    unsupported_media_type: ({ detail }) => main(415, detail),
    body_too_large: () => main(413, 'request entity too large'),
    not_acceptable: () => main(406, 'Not Acceptable'),
    method_not_allowed: () => main(404, 'Not Found'),
    not_found: () => main(404, 'Not Found'),
    ambiguous_request: () => main(400, 'Ambiguous request'),
    server_error: () => main(500, 'Internal Server Error'),
  }
}

function main(status: number, msg: string, headers?: Readonly<Record<string, string>>): WireReply {
  return expressReply(status, { status: 'fail', errors: { main: { msg } } }, headers)
}

/** The document echoes the address of a user who does not exist. */
function unknownUser({ identifier }: AuthError): WireReply {
  const error = { value: identifier, msg: "User doesn't exist" }
  return expressReply(400, { status: 'fail', errors: { main: error } })
}

function invalidInput({ problems }: AuthError, { request }: Circumstances): WireReply {
  const errors = mapped(problems, { sent: readBody(request), order: ORDER, secret: ['password'], word })
  return expressReply(400, { status: 'fail', errors })
}

/** What a password is too similar to; this contract has one name and the email. */
const OWNERS: { readonly [Name in SimilarTo]: string } = {
  username: 'your name',
  first_name: 'your name',
  last_name: 'your name',
  name: 'your name',
  email: 'your email',
  product: 'the name of this service',
}

/** Rules that this contract never breaks have words all the same: a new one must not go out silent. */
const WORDS: { readonly [Rule in ProblemRule]: (field: string, limit: number, similarTo: SimilarTo) => string } = {
  required: (field) => `${field} is required!`,
  unknown: (field) => `${field} is not known!`,
  blank: (field) => `${field} is required!`,
  null: (field) => `${field} is required!`,
  not_text: (field) => `${field} format invalid!`,
  not_boolean: (field) => `${field} format invalid!`,
  too_short: (field, limit) => `${field} must be at least ${limit} characters!`,
  too_long: (field, limit) => `${field} must be at most ${limit} characters!`,
  null_character: (field) => `${field} format invalid!`,
  lone_surrogate: (field) => `${field} format invalid!`,
  invalid_email: (field) => `${field} format invalid!`,
  invalid_username: (field) => `${field} format invalid!`,
  invalid_phone_number: (field) => `${field} format invalid!`,
  needs_numeral: (field) => `${field} must contain a number!`,
  needs_letter: (field) => `${field} must contain a letter!`,
  mismatch: (field) => `${field} does not match!`,
  wrong_password: (field) => `${field} is incorrect!`,
  invalid_value: (field) => `${field} is invalid!`,
  common: (field) => `${field} is too common!`,
  breached: (field) => `${field} has appeared in a data breach!`,
  too_similar: (field, _limit, similarTo) => `${field} is too similar to ${OWNERS[similarTo]}!`,
  taken: (field) => `${field} already exists!`,
}

function word({ field, rule, limit, similarTo }: Problem): string {
  const name = `${field.charAt(0).toUpperCase()}${field.slice(1)}`
  return WORDS[rule](name, limit ?? 0, similarTo ?? 'name')
}
