import { constant, exactly, type Operation, RETRY_AFTER, type Reply, type Schema } from '../../http/operation.ts'

/** The content types whose bodies are read; any other is an empty body. */
const CONTENT_TYPES = ['application/json', 'application/x-www-form-urlencoded']

/** A route of an Express router: what it takes and answers; refusals that every route has are added. */
export type DescribedRoute = {
  readonly summary: string
  readonly description?: string
  readonly form: Schema & { readonly title: string; readonly properties: Readonly<Record<string, Schema>> }
  readonly replies: Readonly<Record<number, Reply>>
}

/** Describes a route that takes a form. */
export function describeRoute({ summary, description, form, replies }: DescribedRoute): Operation {
  return {
    summary,
    ...(description === undefined ? {} : { description }),
    request: { schema: form, contentTypes: CONTENT_TYPES },
    replies: {
      400: {
        description: 'What is wrong: the first error of each field, or one error under `main`.',
        schema: { anyOf: [describeErrors(form), MAIN] },
      },
      413: main('ExpressTooLarge', 'The body is too large.'),
      415: main('ExpressUnsupportedEncoding', 'The body has a `Content-Encoding`.'),
      429: main('ExpressThrottled', 'Too many attempts.', [RETRY_AFTER]),
      500: main('ExpressServerError', 'Something went wrong here; it has been logged.'),
      503: main('ExpressUnavailable', 'This cannot be done just now.', [RETRY_AFTER]),
      ...replies,
    },
  }
}

/** `validationResult(request).mapped()` in the envelope. */
function describeErrors({ title, properties }: DescribedRoute['form']): Schema {
  const errors = {
    type: 'object',
    properties: Object.fromEntries(Object.keys(properties).map((name) => [name, FIELD_ERROR])),
    additionalProperties: false,
    minProperties: 1,
  }
  return exactly({ status: constant('fail'), errors }, `${title}Errors`)
}

function main(name: string, description: string, headers: Reply['headers'] = []): Reply {
  return { name, description, schema: MAIN, headers }
}

const FIELD_ERROR: Schema = {
  title: 'ExpressFieldError',
  type: 'object',
  properties: {
    value: { description: 'What was sent, where something was; never a password.' },
    msg: { type: 'string' },
    param: { type: 'string', description: 'The field.' },
    location: constant('body'),
  },
  required: ['msg', 'param', 'location'],
  additionalProperties: false,
}

const MAIN: Schema = exactly(
  {
    status: constant('fail'),
    errors: exactly({
      main: {
        type: 'object',
        properties: {
          value: { type: 'string', description: 'The address of a user who does not exist.' },
          msg: { type: 'string' },
        },
        required: ['msg'],
        additionalProperties: false,
      },
    }),
  },
  'ExpressError',
)
