import type { Case, CaseRequest, Promised } from './case.ts'

/** A path at which a form is posted, with what is said of each field that is missing and of one that is no text. */
type Form = {
  readonly path: string
  readonly fields: readonly { readonly name: string; readonly missing: string; readonly wrong: string }[]
}

const NAME = { name: 'name', missing: 'Name is required!', wrong: 'Name is required!' }
const EMAIL = { name: 'email', missing: 'Email is required!', wrong: 'Email format invalid!' }
const PASSWORD = { name: 'password', missing: 'Password is required!', wrong: 'Password is required!' }

const FORMS: readonly Form[] = [
  { path: '/api/auth/register/', fields: [NAME, EMAIL, PASSWORD] },
  { path: '/api/auth/login/', fields: [EMAIL, PASSWORD] },
]

const JSON_TYPE = 'application/json'
const HEADERS = { 'content-type': 'application/json; charset=utf-8' }
const NOT_FOUND = { status: 404, headers: HEADERS, json: failure({ main: { msg: 'Not Found' } }) }

/** How Express with express-validator answers what is no good request. Nothing of it makes an account. */
export function listExpressManners(): readonly Case[] {
  return FORMS.flatMap((form) => [...listMethods(form), ...listBodies(form), ...listFields(form)])
}

function listMethods({ path }: Form): Case[] {
  return [
    ...['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].map((method) =>
      manner(`${method} of ${path}`, { method, path }, NOT_FOUND),
    ),
    manner(`HEAD of ${path}`, { method: 'HEAD', path }, { status: 404, headers: HEADERS }),
  ]
}

function listBodies(form: Form): Case[] {
  const { path } = form
  const send = (body: string, type: string, to = path) => ({
    method: 'POST',
    path: to,
    headers: { 'Content-Type': type },
    body,
  })
  const missing = tellAll(form, 'missing')
  return [
    manner(`JSON that breaks off, to ${path}`, send('{"', JSON_TYPE), {
      status: 400,
      headers: HEADERS,
      json: failure({ main: { msg: 'Malformed body: Expecting valid JSON' } }),
    }),
    manner(`no field at all, to ${path}`, send('{}', JSON_TYPE), missing),
    manner(`no body at all, to ${path}`, { method: 'POST', path }, missing),
    manner(`a list in place of an object, to ${path}`, send('[]', JSON_TYPE), missing),
    manner(`a body of the type text/xml, to ${path}`, send('<a/>', 'text/xml'), missing),
    manner(`a form without fields, to ${path}`, send('', 'application/x-www-form-urlencoded'), missing),
    manner(`only a field that nobody knows, to ${path}`, send('{"nickname":"x"}', JSON_TYPE), missing),
    manner(`no field at all, to ${path} without its slash`, send('{}', JSON_TYPE, path.slice(0, -1)), missing),
    manner(`no field at all, to ${path} in capitals`, send('{}', JSON_TYPE, path.toUpperCase()), missing),
  ]
}

function listFields(form: Form): Case[] {
  const { path, fields } = form
  const fill = (value: unknown) => ({
    method: 'POST',
    path,
    json: Object.fromEntries(fields.map(({ name }) => [name, value])),
  })
  return [
    manner(`null in every field, to ${path}`, fill(null), tellAll(form, 'missing', { value: null })),
    manner(`an empty text in every field, to ${path}`, fill(''), tellAll(form, 'missing', { value: '' })),
    manner(`true in every field, to ${path}`, fill(true), tellAll(form, 'wrong', { value: true })),
    manner(`a number in every field, to ${path}`, fill(7), tellAll(form, 'wrong', { value: 7 })),
    manner(`a list in every field, to ${path}`, fill([]), tellAll(form, 'wrong', { value: [] })),
    manner(`an object in every field, to ${path}`, fill({ a: 1 }), tellAll(form, 'wrong', { value: { a: 1 } })),
  ]
}

/** The first error of every field, with the value that came; that of a password never comes back. */
function tellAll({ fields }: Form, fault: 'missing' | 'wrong', echo: { readonly value?: unknown } = {}): Promised {
  const told = fields.map((field) => {
    const { name, [fault]: msg } = field
    return [name, { ...(name === 'password' ? {} : echo), msg, param: name, location: 'body' }]
  })
  return { status: 400, headers: HEADERS, json: failure(Object.fromEntries(told)) }
}

function failure(errors: Readonly<Record<string, unknown>>): unknown {
  return { status: 'fail', errors }
}

function manner(name: string, request: CaseRequest, reply: Promised): Case {
  return { name, kind: 'manner', given: [], request, reply, untriable: null }
}
