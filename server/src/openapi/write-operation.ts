import { isDeepStrictEqual } from 'node:util'
import type { DoorDescription, Operation, Parameter, Reply, Schema } from '../http/operation.ts'
import type { Components } from './components.ts'
import type { DocumentedExample, DocumentedOperation, DocumentedReply, Media, Reference } from './document.ts'
import type { Example } from './read-examples.ts'

/** What one door does for a method at a path, and the examples of it. */
export type Meaning = {
  readonly door: DoorDescription
  readonly operation: Operation
  readonly examples: readonly Example[]
}

/** Whose credentials, in the names of `SECURITY_SCHEMES`. Any one of those listed will do. */
const SECURITY = {
  token: [{ bearer: [] }, { token: [] }],
  service: [{ service: [] }],
}

/** How requests bring credentials. */
export const SECURITY_SCHEMES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description: 'Any live access token or key, of any contract: `Authorization: Bearer …`.',
  },
  token: {
    type: 'apiKey',
    in: 'header',
    name: 'Authorization',
    description: 'The same under Django REST Framework’s scheme: `Authorization: Token …`.',
  },
  service: {
    type: 'http',
    scheme: 'basic',
    description: 'The id and the secret of a service that `latchkey clients create` registered; or both in the form.',
  },
}

/** Writes an operation. Where contracts share it, it is all their meanings at once: a request is one of them. */
export function writeOperation(
  meanings: readonly [Meaning, ...Meaning[]],
  { id, components }: { id: string; components: Components },
): DocumentedOperation {
  const operations = meanings.map(({ operation }) => operation)
  const [first] = operations
  const query = (first?.query ?? []).map((parameter) => writeParameter(parameter, components))
  const description = meanings.length === 1 ? first?.description : describeMeanings(meanings)
  const body = writeRequest(meanings, components)
  return {
    operationId: id,
    tags: meanings.map(({ door }) => door.name),
    summary: [...new Set(operations.map(({ summary }) => summary))].join(', or: '),
    ...(description === undefined ? {} : { description }),
    security: operations.some(({ credentials }) => credentials === undefined)
      ? []
      : SECURITY[operations[0]?.credentials ?? 'token'],
    ...(query.length === 0 ? {} : { parameters: query }),
    ...(body === null ? {} : { requestBody: { required: true, content: body } }),
    responses: writeReplies(meanings, components),
  }
}

function describeMeanings(meanings: readonly Meaning[]): string {
  const rules = meanings.map(({ door, operation }) => {
    const rule = operation.isMeantWhen === undefined ? '' : `, when ${operation.isMeantWhen}`
    return `- \`${door.name}\`${rule}. ${operation.description ?? ''}`.trimEnd()
  })
  const [first] = meanings
  return [
    `Contracts share this path, and each request is one contract’s; one that none knows for its own is \`${first?.door.name}\`’s, one that several do is refused:`,
    '',
    ...rules,
  ].join('\n')
}

function writeParameter({ name, description, schema, isRequired = false }: Parameter, components: Components) {
  return { name, in: 'query', description, required: isRequired, schema: components.placeSchema(schema) } as const
}

function writeRequest(meanings: readonly Meaning[], components: Components): Readonly<Record<string, Media>> | null {
  const requests = meanings.flatMap(({ operation }) => operation.request ?? [])
  if (requests.length === 0) return null
  const schema = choose(
    'oneOf',
    requests.map((request) => components.placeSchema(request.schema)),
  )
  const contentTypes = [...new Set(requests.flatMap((request) => request.contentTypes))]
  // A request that was refused is shown with its reply: the schema says what would not have been.
  const shown = meanings.flatMap(({ door, operation, examples }) => [
    ...Object.entries(operation.request?.examples ?? {}).map(([key, value]) => ({ key, value })),
    ...examples
      .filter(({ reply, request }) => reply.status < 300 && request.json !== undefined)
      .map(({ name, request }) => ({ key: nameExample(meanings, door, name), value: request.json })),
  ])
  const different = shown.filter(
    ({ value }, index) => shown.findIndex((other) => isDeepStrictEqual(value, other.value)) === index,
  )
  const examples = Object.fromEntries(different.map(({ key, value }) => [key, { summary: key, value }]))
  return Object.fromEntries(
    contentTypes.map((type, index) => [type, { schema, ...(index === 0 && shown.length > 0 ? { examples } : {}) }]),
  )
}

function writeReplies(
  meanings: readonly Meaning[],
  components: Components,
): Readonly<Record<string, DocumentedReply | Reference>> {
  const statuses = new Set(meanings.flatMap(({ operation }) => Object.keys(operation.replies)))
  return Object.fromEntries([...statuses].map((status) => [status, writeReply(meanings, Number(status), components)]))
}

function writeReply(meanings: readonly Meaning[], status: number, components: Components): DocumentedReply | Reference {
  const replies = meanings.flatMap(({ operation }) => operation.replies[status] ?? [])
  const [first] = replies
  const shown = meanings.flatMap(({ door, examples }) =>
    examples.flatMap(({ name, request, reply }): [string, DocumentedExample][] => {
      if (reply.status !== status || reply.json === undefined) return []
      const key = nameExample(meanings, door, name)
      return [[key, { summary: key, value: reply.json, 'x-request': request }]]
    }),
  )
  const isShared = first?.name !== undefined && shown.length === 0 && replies.every(({ name }) => name === first.name)
  if (isShared) return components.placeReply(first.name, writeOneReply([first], status, [], components))
  return writeOneReply(replies, status, shown, components)
}

function writeOneReply(
  replies: readonly Reply[],
  status: number,
  shown: readonly [string, DocumentedExample][],
  components: Components,
): DocumentedReply {
  const bodies = replies.flatMap(({ schema }) => (schema === undefined ? [] : [components.placeSchema(schema)]))
  const headers = replies.flatMap((reply) => reply.headers ?? [])
  const contentType = replies.find((reply) => reply.contentType !== undefined)?.contentType ?? 'application/json'
  const own = replies
    .flatMap((reply) => Object.entries(reply.examples ?? {}))
    .map(([name, value]): [string, DocumentedExample] => [name, { summary: name, value }])
  const all = [...own, ...shown]
  const examples = all.length === 0 ? {} : { examples: Object.fromEntries(all) }
  return {
    description: [...new Set(replies.map(({ description }) => description))].join(' Or: '),
    ...(headers.length === 0 ? {} : { headers: Object.fromEntries(headers.map(writeHeader)) }),
    ...(bodies.length === 0
      ? {}
      : // Two contracts may word a refusal alike.
        { content: { [contentType]: { schema: choose(status < 300 ? 'oneOf' : 'anyOf', bodies), ...examples } } }),
  }
}

function writeHeader({ name, description, schema, isRequired = false }: Parameter) {
  return [name, { description, required: isRequired, schema }] as const
}

/** One schema for several: itself, where they are all the same. */
function choose(keyword: 'oneOf' | 'anyOf', schemas: readonly Schema[]): Schema {
  const different = schemas.filter(
    (schema, index) => schemas.findIndex((other) => isDeepStrictEqual(schema, other)) === index,
  )
  const [first] = different
  return different.length === 1 && first !== undefined ? first : { [keyword]: different }
}

/** The same name may be an example of two contracts. */
function nameExample(meanings: readonly Meaning[], door: DoorDescription, name: string): string {
  return meanings.length === 1 ? name : `${door.name}: ${name}`
}
