import type { Problem } from '../../core/errors.ts'
import type { WireReply } from '../../http/contract.ts'

/** The content type as Express writes it. */
const HEADERS = { 'content-type': 'application/json; charset=utf-8' }

/** A reply in Express' manner. */
export function expressReply(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): WireReply {
  return { status, headers: { ...HEADERS, ...headers }, body }
}

/** What stands under `errors` for one field: the keys in the order in which the library writes them. */
export type FieldError = { value?: unknown; msg: string; param: string; location: 'body' }

/**
 * `validationResult(request).mapped()`: the first error of each field. What was sent is echoed where it was sent at all,
 * except in the fields that are secret.
 */
export function mapped(
  problems: readonly Problem[],
  options: {
    sent: ReadonlyMap<string, unknown>
    order: readonly string[]
    secret: readonly string[]
    word: (problem: Problem) => string
  },
): Readonly<Record<string, FieldError>> {
  const errors: Record<string, FieldError> = {}
  for (const field of options.order) {
    const problem = problems.find((problem) => problem.field === field)
    if (problem === undefined) continue
    const isEchoed = options.sent.has(field) && !options.secret.includes(field)
    const echo = isEchoed ? { value: options.sent.get(field) } : {}
    errors[field] = { ...echo, msg: options.word(problem), param: field, location: 'body' }
  }
  return errors
}
