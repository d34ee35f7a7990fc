import type { Schema } from '../../http/operation.ts'
import type { Document } from '../document.ts'
import { type Html, html, phrase } from './html.ts'

const PLACE = '#/components/schemas/'

/** The limits that a value has, in words. */
const LIMITS: Readonly<Record<string, (limit: string) => string>> = {
  minLength: (limit) => (limit === '1' ? 'not empty' : `at least ${limit} characters`),
  maxLength: (limit) => `at most ${limit} characters`,
  minimum: (limit) => `at least ${limit}`,
  maximum: (limit) => `at most ${limit}`,
  minItems: (limit) => `at least ${limit}`,
  minProperties: (limit) => `at least ${limit} of them`,
  pattern: (limit) => `as \`${limit}\``,
}

/** Writes a schema: what it is, and what is in it. */
export function writeSchema(schema: Schema, document: Document): Html {
  const { name, body } = resolve(schema, document)
  const { description } = body
  return html`<div class="schema">
<p>${name === null ? null : html`<strong>${name}</strong> `}<span class="type">${phrase(wordType(body, document))}</span></p>
${typeof description === 'string' ? html`<p>${phrase(description)}</p>` : null}
${writeInside(body, document)}
</div>`
}

/** What stands inside of a schema: members, choices, or entries. */
function writeInside(body: Schema, document: Document): Html | null {
  const choices = listSchemas(body.oneOf ?? body.anyOf)
  if (choices.length > 0 && choices.some((choice) => hasInside(resolve(choice, document).body))) {
    return html`${choices.map((choice) => writeSchema(choice, document))}`
  }
  if (isSchema(body.items)) {
    const entry = resolve(body.items, document).body
    return hasInside(entry) ? writeInside(entry, document) : null
  }
  if (!isSchema(body.properties)) return null
  const required = Array.isArray(body.required) ? body.required : []
  const rows = Object.entries(body.properties).map(([name, member]) => {
    if (!isSchema(member)) return null
    const inner = resolve(member, document).body
    const badge = required.includes(name) ? html`<span class="required">required</span>` : null
    return html`<dt><code>${name}</code> ${badge}</dt>
<dd><span class="type">${phrase(wordType(inner, document))}</span>
${typeof inner.description === 'string' ? html`<p>${phrase(inner.description)}</p>` : null}${writeInside(inner, document)}</dd>`
  })
  return rows.length === 0 ? null : html`<dl>${rows}</dl>`
}

/** A type and its limits, in words. */
function wordType(body: Schema, document: Document): string {
  const { type, format, enum: values, const: value, items, oneOf, anyOf } = body
  const limits = Object.entries(LIMITS).flatMap(([keyword, word]) => {
    const limit = body[keyword]
    return typeof limit === 'number' || typeof limit === 'string' ? [word(String(limit))] : []
  })
  const rest = limits.length === 0 ? '' : `, ${limits.join(', ')}`
  if (value !== undefined) return `always \`${JSON.stringify(value)}\``
  if (Array.isArray(values)) return `one of ${values.map((one) => `\`${JSON.stringify(one)}\``).join(' ')}`
  const choices = listSchemas(oneOf ?? anyOf)
  if (choices.length > 0) {
    return choices.every((choice) => hasInside(resolve(choice, document).body))
      ? `${oneOf === undefined ? 'one' : 'exactly one'} of these`
      : choices.map((choice) => wordType(resolve(choice, document).body, document)).join(' or ')
  }
  if (type === 'array') {
    return `list of ${isSchema(items) ? wordType(resolve(items, document).body, document) : 'anything'}${rest}`
  }
  if (type === undefined) return 'anything'
  return `${String(type)}${typeof format === 'string' ? ` (${format})` : ''}${rest}`
}

function hasInside(body: Schema): boolean {
  return ['properties', 'oneOf', 'anyOf'].some((keyword) => body[keyword] !== undefined)
}

/** What a reference points at; anything else is itself. */
function resolve(schema: Schema, document: Document): { name: string | null; body: Schema } {
  const { $ref } = schema
  if (typeof $ref !== 'string' || !$ref.startsWith(PLACE)) return { name: null, body: schema }
  const name = $ref.slice(PLACE.length)
  return { name, body: document.components.schemas[name] ?? {} }
}

function listSchemas(value: unknown): readonly Schema[] {
  return Array.isArray(value) ? value.filter(isSchema) : []
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
