import type { Schema } from '../http/operation.ts'

/** The parts of an OpenAPI 3.1 document that we write, as far as anybody reads them again. */
export type Document = {
  readonly openapi: '3.1.1'
  readonly info: { readonly title: string; readonly version: string; readonly description: string }
  readonly servers: readonly Server[]
  readonly tags: readonly { readonly name: string; readonly description: string }[]
  readonly paths: Readonly<Record<string, PathItem>>
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>
    readonly responses: Readonly<Record<string, DocumentedReply>>
    readonly securitySchemes: Readonly<Record<string, Readonly<Record<string, string>>>>
  }
}

export type Server = { readonly url: string; readonly description?: string }

/** What is at one path: operations by method in small letters, and the places where it is answered. */
export type PathItem = { readonly servers?: readonly Server[] } & {
  readonly [Method in (typeof METHODS)[number]]?: DocumentedOperation
}

/** The methods that OpenAPI knows, in the order in which people read them. */
export const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options', 'trace'] as const

export type DocumentedOperation = {
  readonly operationId: string
  readonly tags: readonly string[]
  readonly summary: string
  readonly description?: string
  readonly security: readonly Readonly<Record<string, readonly string[]>>[]
  readonly parameters?: readonly DocumentedParameter[]
  readonly requestBody?: { readonly required: true; readonly content: Readonly<Record<string, Media>> }
  readonly responses: Readonly<Record<string, DocumentedReply | Reference>>
}

export type DocumentedParameter = {
  readonly name: string
  readonly in: 'query'
  readonly description: string
  readonly required: boolean
  readonly schema: Schema
}

export type DocumentedReply = {
  readonly description: string
  readonly headers?: Readonly<
    Record<string, { readonly description: string; readonly required: boolean; readonly schema: Schema }>
  >
  readonly content?: Readonly<Record<string, Media>>
}

export type Reference = { readonly $ref: string }

export type Media = { readonly schema: Schema; readonly examples?: Readonly<Record<string, DocumentedExample>> }

/** A body, and where it is a reply's, the request that it answers. */
export type DocumentedExample = {
  readonly summary: string
  readonly value: unknown
  readonly 'x-request'?: ExampleRequest
}

export type ExampleRequest = {
  readonly method: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly json?: unknown
  readonly body?: string
}
