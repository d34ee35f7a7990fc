import type { Static, TObject } from 'typebox'
import type { TLocalizedValidationError } from 'typebox/error'
import Value from 'typebox/value'
import { AuthError, type Problem, type ProblemRule } from '../core/errors.ts'
import type { WireRequest } from '../http/contract.ts'
import { header } from '../http/header.ts'
import { parseJson } from '../http/json.ts'
import { readContentType } from '../http/media-type.ts'
import { TransportError } from '../http/transport-error.ts'

/** What a schema makes of a body: the members that are sound, and what is wrong with the others. */
export type Form<Schema extends TObject> = {
  readonly values: Partial<Static<Schema>>
  /** One a member at most, in the order of the schema; what that does not know comes last. */
  readonly problems: readonly Problem[]
  /** Everything that was sent, sound or not. */
  readonly sent: ReadonlyMap<string, unknown>
}

type Flaw = Omit<Problem, 'field'>

/** What a member is that does not fit its pattern. */
const PATTERNS: Readonly<Record<string, ProblemRule>> = {
  email: 'invalid_email',
  username: 'invalid_username',
  phone_number: 'invalid_phone_number',
}

/**
 * Reads a body by a schema of texts.
 *
 * @throws {TransportError} `unsupported_media_type`, `malformed_body`, `not_an_object`.
 */
export function readForm<Schema extends TObject>(schema: Schema, request: WireRequest): Form<Schema> {
  const sent = readFields(request)
  const problems = findProblems(schema, sent)
  const broken = new Set(problems.map(({ field }) => field))
  const sound = [...sent].filter(([name]) => !broken.has(name))
  return { values: Object.fromEntries(sound) as Partial<Static<Schema>>, problems, sent }
}

/**
 * Reads a body by a schema that it has to fit as it is.
 *
 * @throws {TransportError} what `readForm` throws.
 * @throws {AuthError} `invalid_input` with every problem.
 */
export function readWhole<Schema extends TObject>(schema: Schema, request: WireRequest): Static<Schema> {
  const { values, problems } = readForm(schema, request)
  if (problems.length > 0) throw new AuthError('invalid_input', { problems })
  return values as Static<Schema>
}

/** The members of a body, by their names. */
function readFields(request: WireRequest): ReadonlyMap<string, unknown> {
  const { type, parameters } = readContentType(request)
  const isJson = type === 'application/json' && (parameters.get('charset') ?? 'utf-8').toLowerCase() === 'utf-8'
  const isPlain = (header(request, 'content-encoding') ?? 'identity').toLowerCase() === 'identity'
  if (!isJson || !isPlain) throw new TransportError('unsupported_media_type', { detail: type })
  const value = parseJson(request.body)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TransportError('not_an_object')
  return new Map(Object.entries(value))
}

/** One problem a member, found member by member: asked for all at once, the library stops at the eighth. */
function findProblems(schema: TObject, sent: ReadonlyMap<string, unknown>): Problem[] {
  const known = Object.entries(schema.properties).flatMap(([field, member]): Problem[] => {
    if (!sent.has(field)) return schema.required.includes(field) ? [{ field, rule: 'required' }] : []
    const value = sent.get(field)
    const [error] = Value.Errors(member, value)
    return error === undefined ? [] : [{ field, ...toFlaw(error, { field, value }) }]
  })
  const strangers = [...sent.keys()].filter((field) => !Object.hasOwn(schema.properties, field))
  return [...known, ...strangers.map((field): Problem => ({ field, rule: 'unknown' }))]
}

function toFlaw(error: TLocalizedValidationError, { field, value }: { field: string; value: unknown }): Flaw {
  if (value === null) return { rule: 'null' }
  if (value === '') return { rule: 'blank' }
  switch (error.keyword) {
    case 'type':
      return { rule: 'not_text' }
    case 'minLength':
      return { rule: 'too_short', limit: Number(error.params.limit) }
    case 'maxLength':
      return { rule: 'too_long', limit: Number(error.params.limit) }
    default:
      return { rule: PATTERNS[field] ?? 'invalid_value' }
  }
}
