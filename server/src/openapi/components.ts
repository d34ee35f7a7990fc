import { isDeepStrictEqual } from 'node:util'
import type { Schema } from '../http/operation.ts'
import type { DocumentedReply, Reference } from './document.ts'

/** What stands once in a document and is pointed at: schemas that have a title, and replies that have a name. */
export type Components = {
  readonly schemas: Readonly<Record<string, Schema>>
  readonly responses: Readonly<Record<string, DocumentedReply>>
  /** The schema with every titled part of it replaced by a reference. */
  placeSchema(schema: Schema): Schema
  /** The reference of a named reply. */
  placeReply(name: string, reply: DocumentedReply): Reference
}

/** Starts with none. Two that differ under one name are a mistake of ours, and throw. */
export function createComponents(): Components {
  const schemas: Record<string, Schema> = {}
  const responses: Record<string, DocumentedReply> = {}

  const place = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(place)
    return isSchema(value) ? placeSchema(value) : value
  }
  const placeSchema = (schema: Schema): Schema => {
    const placed = Object.fromEntries(Object.entries(schema).map(([keyword, value]) => [keyword, place(value)]))
    const { title } = schema
    if (typeof title !== 'string') return placed
    keep(schemas, title, placed)
    return { $ref: `#/components/schemas/${title}` }
  }

  return {
    schemas,
    responses,
    placeSchema,
    placeReply(name, reply) {
      keep(responses, name, reply)
      return { $ref: `#/components/responses/${name}` }
    },
  }
}

function keep<Kept>(kept: Record<string, Kept>, name: string, value: Kept): void {
  if (!Object.hasOwn(kept, name)) kept[name] = value
  else if (!isDeepStrictEqual(kept[name], value)) throw new Error(`Two parts of the document are called ${name}.`)
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null
}
