import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import type { Schema } from '../../src/http/operation.ts'
import type { Document } from '../../src/openapi/document.ts'

/** Makes a test of values by schemas that may point into a document; it gives what is wrong, in words. */
export function createSchemaTest({ components }: Document): (schema: Schema, value: unknown) => readonly string[] {
  const ajv = new Ajv2020({ allErrors: true, strict: false })
  formats.default(ajv)
  // A password is any text; the name tells forms to hide it.
  ajv.addFormat('password', true)
  ajv.addSchema({ $id: 'document', components })
  return (schema, value) => {
    const placed: unknown = JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"document#/components/'))
    const validate = ajv.compile(placed as Schema)
    if (validate(value)) return []
    return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
  }
}
