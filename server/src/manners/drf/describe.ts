import {
  type Credentials,
  challenge,
  constant,
  exactly,
  headOf,
  type Operation,
  type Operations,
  RETRY_AFTER,
  type Reply,
  type Schema,
} from '../../http/operation.ts'
import { BOOLEAN_WORDS, type Field } from './fields.ts'

/** The parsers of a DRF view. */
const CONTENT_TYPES = ['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data']

type Fields = Readonly<Record<string, Field<unknown>>>

/** A serializer: its name in the reference, its fields, and what their schemas cannot know of the rules. */
export type DescribedForm = {
  readonly title: string
  readonly fields: Fields
  readonly more?: Readonly<Record<string, Schema>>
}

/** What a view does for one method; refusals that every DRF view has are added. */
export type DescribedAction = {
  readonly summary: string
  readonly description?: string
  readonly credentials?: Credentials
  readonly isMeantWhen?: string
  readonly form?: DescribedForm
  /** Whether a budget is counted, and too many attempts are refused. */
  readonly isLimited?: boolean
  readonly replies: Readonly<Record<number, Reply>>
}

/** DRF's one-sentence error. */
export const DETAIL: Schema = exactly({ detail: { type: 'string' } }, 'DrfDetail')

/** A reply whose body is one sentence, always the same. */
export function sentence(member: string, text: string): Reply {
  return { description: text, schema: exactly({ [member]: constant(text) }) }
}

/** Describes views: what is said of each method, and OPTIONS and HEAD, which every view has by itself. */
export function describeViews(views: Readonly<Record<string, Readonly<Record<string, DescribedAction>>>>): Operations {
  return Object.fromEntries(
    Object.entries(views).map(([path, actions]) => {
      const [first] = Object.values(actions)
      const own = Object.entries(actions).map(([method, action]) => [method, describeAction(action)] as const)
      const head = actions.GET === undefined ? [] : [['HEAD', headOf(describeAction(actions.GET))] as const]
      return [path, Object.fromEntries([...own, ...head, ['OPTIONS', describeOptions(first)]])]
    }),
  )
}

/** What may be sent: every field, its type and its limits, which are counted after outer white space is gone. */
export function describeForm({ title, fields, more = {} }: DescribedForm): Schema {
  const entries = Object.entries(fields)
  const required = entries.filter(([, { isRequired }]) => isRequired).map(([name]) => name)
  return {
    title,
    type: 'object',
    properties: Object.fromEntries(
      entries.map(([name, field]) => [name, { ...describeField(name, field), ...more[name] }]),
    ),
    ...(required.length === 0 ? {} : { required }),
  }
}

function describeField(name: string, field: Field<unknown>): Schema {
  const { type, min_length, max_length } = field.metadata
  if (type === 'boolean') return { enum: BOOLEAN_WORDS, default: field.absent }
  const mayBeBlank = 'value' in field.read('')
  const format = type === 'email' ? 'email' : name.includes('password') ? 'password' : null
  return {
    type: 'string',
    ...(format === null ? {} : { format }),
    ...(mayBeBlank ? {} : { minLength: min_length ?? 1 }),
    ...(max_length === undefined ? {} : { maxLength: max_length }),
  }
}

/** What is wrong, by field. */
function describeFieldErrors({ title, fields }: DescribedForm): Schema {
  const sentences = { type: 'array', items: { type: 'string' }, minItems: 1 }
  const names = [...Object.keys(fields), 'non_field_errors']
  return {
    title: `${title}Errors`,
    type: 'object',
    properties: Object.fromEntries(names.map((name) => [name, sentences])),
    additionalProperties: false,
    minProperties: 1,
  }
}

function describeAction({ form, isLimited = false, replies, ...action }: DescribedAction): Operation {
  return {
    ...action,
    ...(form === undefined ? {} : { request: { schema: describeForm(form), contentTypes: CONTENT_TYPES } }),
    replies: {
      ...(form === undefined ? {} : BODY_REFUSALS),
      ...(form === undefined ? {} : { 400: refusedForm(form) }),
      ...(action.credentials === undefined ? {} : { 401: UNAUTHENTICATED }),
      406: detail('DrfNotAcceptable', '`Accept` leaves no room for JSON.'),
      ...(isLimited ? { 429: THROTTLED } : {}),
      500: detail('DrfServerError', 'Something went wrong here; it has been logged.'),
      503: UNAVAILABLE,
      ...replies,
    },
  }
}

function refusedForm(form: DescribedForm): Reply {
  return {
    description:
      'What is wrong, by field and in the order of the fields; or one sentence, when the body cannot be read.',
    schema: { anyOf: [describeFieldErrors(form), DETAIL] },
  }
}

function describeOptions(action: DescribedAction | undefined): Operation {
  const { credentials, isMeantWhen } = action ?? {}
  return describeAction({
    summary: 'What this view takes',
    ...(credentials === undefined ? {} : { credentials }),
    ...(isMeantWhen === undefined ? {} : { isMeantWhen }),
    replies: { 200: { name: 'DrfMetadata', description: 'The view in words, and its fields.', schema: METADATA } },
  })
}

function detail(name: string, description: string, headers: Reply['headers'] = []): Reply {
  return { name, description, schema: DETAIL, headers }
}

const UNAUTHENTICATED = detail('DrfUnauthenticated', 'No token, or one that is not alive; the sentence says which.', [
  challenge('Token'),
])
const THROTTLED = detail('DrfThrottled', 'Too many attempts.', [RETRY_AFTER])
const UNAVAILABLE = detail('DrfUnavailable', 'This cannot be done just now.', [RETRY_AFTER])

const BODY_REFUSALS: Operation['replies'] = {
  413: detail('DrfTooLarge', 'The body is too large.'),
  415: detail('DrfUnsupportedMediaType', 'A content type that is not read here.'),
}

const METADATA: Schema = {
  title: 'DrfMetadata',
  type: 'object',
  properties: {
    name: { type: 'string' },
    description: { type: 'string' },
    renders: { type: 'array', items: { type: 'string' } },
    parses: { type: 'array', items: { type: 'string' } },
    actions: { type: 'object', additionalProperties: { type: 'object' } },
  },
  required: ['name', 'description', 'renders', 'parses'],
}
