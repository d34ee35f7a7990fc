import { readFileSync } from 'node:fs'
import type { ExampleRequest } from './document.ts'

/** A request and its reply out of a contract's `examples.json`. */
export type Example = {
  readonly name: string
  readonly documented: boolean
  readonly request: ExampleRequest
  readonly reply: { readonly status: number; readonly json?: unknown }
}

/** The examples of a contract. */
export function readExamples(name: string): readonly Example[] {
  const file = new URL(`../contracts/${name}/examples.json`, import.meta.url)
  const read: { readonly examples: readonly Example[] } = JSON.parse(readFileSync(file, 'utf8'))
  return read.examples
}

/**
 * Those of one operation: the documented ones, and for a status that no documented one has, the others. An operation that
 * its document does not know is told by all there are.
 */
export function chooseExamples(examples: readonly Example[], asked: { path: string; method: string }): Example[] {
  const own = examples.filter(({ request }) => request.path === asked.path && request.method === asked.method)
  const told = new Set(own.filter(({ documented }) => documented).map(({ reply }) => reply.status))
  return own.filter(({ documented, reply }) => documented || !told.has(reply.status))
}
