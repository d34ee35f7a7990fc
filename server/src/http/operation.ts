/**
 * A JSON Schema (2020-12). One with a `title` stands once in the document, under that name, wherever it is used: the same
 * title is the same schema.
 */
export type Schema = { readonly [keyword: string]: unknown }

/** A header of a reply, or a parameter of a query. */
export type Parameter = {
  readonly name: string
  readonly description: string
  readonly schema: Schema
  readonly isRequired?: boolean
}

/** Bodies by what they show. Doors that have a file of examples need none. */
export type Bodies = Readonly<Record<string, unknown>>

/** One reply of an operation. Without a schema it has no body. */
export type Reply = {
  readonly description: string
  readonly schema?: Schema
  /** `application/json` where nothing else is said. */
  readonly contentType?: string
  readonly headers?: readonly Parameter[]
  readonly examples?: Bodies
  /** What many operations answer has a name, and stands once in the document. */
  readonly name?: string
}

/** Whose credentials a request must bring: a live token of any contract, or those of a registered service. */
export type Credentials = 'token' | 'service'

/** What one method does at one path, in words and schemas: what the reference says of it. */
export type Operation = {
  /** A few words, such as "Log in". */
  readonly summary: string
  readonly description?: string
  /** Where nothing is said, anybody may ask. */
  readonly credentials?: Credentials
  /** What tells this contract's requests from another's on the same path, continuing "when". */
  readonly isMeantWhen?: string
  readonly query?: readonly Parameter[]
  readonly request?: { readonly schema: Schema; readonly contentTypes: readonly string[]; readonly examples?: Bodies }
  readonly replies: Readonly<Record<number, Reply>>
}

/** Operations by path, as documented, and method. */
export type Operations = Readonly<Record<string, Readonly<Record<string, Operation>>>>

/** What a door says of itself. */
export type DoorDescription = {
  /** The slug. */
  readonly name: string
  readonly description: string
  readonly operations: Operations
}

/** `Retry-After`: of every reply that asks for patience. */
export const RETRY_AFTER: Parameter = {
  name: 'Retry-After',
  description: 'Whole seconds to wait.',
  schema: { type: 'integer', minimum: 1 },
  isRequired: true,
}

/** `WWW-Authenticate`: the challenge of a 401. */
export function challenge(example: string): Parameter {
  const schema = { type: 'string', examples: [example] }
  return { name: 'WWW-Authenticate', description: 'The challenge.', schema, isRequired: true }
}

/** HEAD: the same replies as GET's, without their bodies. */
export function headOf({ replies, ...operation }: Operation): Operation {
  const bare = Object.entries(replies).map(([status, { schema, contentType, name, examples, ...reply }]) => [
    status,
    reply,
  ])
  return { ...operation, summary: `${operation.summary}: headers only`, replies: Object.fromEntries(bare) }
}

/** An object of exactly these members, each required. */
export function exactly(members: Readonly<Record<string, Schema>>, title?: string): Schema {
  return {
    ...(title === undefined ? {} : { title }),
    type: 'object',
    properties: members,
    required: Object.keys(members),
    additionalProperties: false,
  }
}

/** One text and no other. */
export function constant(text: string): Schema {
  return { type: 'string', const: text }
}
