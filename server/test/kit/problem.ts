import { STATUS_CODES } from 'node:http'

/** What is wrong with one member of a body, in the modern door's words. */
export type FieldError = { readonly field: string; readonly code: string; readonly detail: string }

/** A problem document of the modern door. */
export function problemOf(status: number, code: string, detail: string, members: object = {}) {
  return { type: 'about:blank', title: STATUS_CODES[status], status, detail, code, ...members }
}

/** The modern door's answer to a form in which something is wrong. */
export function invalidInput(...errors: readonly FieldError[]) {
  return problemOf(400, 'invalid_input', 'Some fields are not right; `errors` says which.', { errors })
}
