import type { Case, CaseRequest, Promised } from './case.ts'

/** A field of a form: an email has words of its own for what is no text. */
type Field = { readonly name: string; readonly isEmail?: boolean }

/** A path at which a form is posted. */
type Form = {
  readonly path: string
  readonly fields: readonly Field[]
  /** Whether another contract answers there too, which would take a request that names no field of this one. */
  readonly isShared?: boolean
}

/** A contract of Django REST Framework. */
type DrfContract = 'drf-jwt' | 'drf-token' | 'simplejwt'

const EMAIL = { name: 'email', isEmail: true }
const PASSWORD = { name: 'password' }

const FORMS: Readonly<Record<DrfContract, readonly Form[]>> = {
  'drf-jwt': [
    { path: '/registration/', fields: [EMAIL, { name: 'username' }, { name: 'name' }, PASSWORD] },
    // A login looks somebody up: what stands under email may be a username.
    { path: '/login/', fields: [{ name: 'email' }, PASSWORD] },
  ],
  'drf-token': [
    {
      path: '/api/users/registration/',
      fields: [{ name: 'first_name' }, { name: 'last_name' }, EMAIL, { name: 'password1' }, { name: 'password2' }],
    },
    { path: '/api/users/login/', fields: [{ name: 'email' }, PASSWORD] },
  ],
  simplejwt: [
    { path: '/api/users/register/', fields: [{ name: 'username' }, PASSWORD] },
    { path: '/api/users/login/', fields: [{ name: 'username' }, PASSWORD], isShared: true },
    { path: '/api/users/token/refresh/', fields: [{ name: 'refresh' }] },
  ],
}

const JSON_TYPE = 'application/json'
const FORM_TYPE = 'application/x-www-form-urlencoded'
const ALLOWED = { 'content-type': JSON_TYPE, allow: 'POST, OPTIONS' }

/** How Django REST Framework answers what is no good request, at each form of a contract. Nothing of it makes an account. */
export function listDrfManners(contract: DrfContract): readonly Case[] {
  return FORMS[contract].flatMap((form) => [...listMethods(form), ...listBodies(form), ...listFields(form)])
}

function listMethods({ path }: Form): Case[] {
  const refused = ['GET', 'PUT', 'PATCH', 'DELETE'].map((method) =>
    manner(
      `${method} of ${path}`,
      { method, path },
      {
        status: 405,
        headers: ALLOWED,
        json: { detail: `Method "${method}" not allowed.` },
      },
    ),
  )
  return [
    ...refused,
    manner(`HEAD of ${path}`, { method: 'HEAD', path }, { status: 405, headers: ALLOWED }),
    // Its body has names and descriptions of views, which nobody's client reads.
    manner(`OPTIONS of ${path}`, { method: 'OPTIONS', path }, { status: 200, headers: ALLOWED }),
  ]
}

function listBodies({ path, fields, isShared = false }: Form): Case[] {
  const send = (body: string, type: string) => ({ method: 'POST', path, headers: { 'Content-Type': type }, body })
  const refusal = (words: string) => ({
    status: 400,
    headers: ALLOWED,
    json: { non_field_errors: [words] },
  })
  const required = allFields(fields, () => 'This field is required.')
  const json = { 'content-type': JSON_TYPE }
  const general = [
    manner(`JSON that breaks off, to ${path}`, send('{"', JSON_TYPE), {
      status: 400,
      headers: ALLOWED,
      json: { detail: 'JSON parse error - Expecting valid JSON' },
    }),
    manner(`a list in place of an object, to ${path}`, send('[]', JSON_TYPE), refusal(dictionaryNotA('list'))),
    manner(`a text in place of an object, to ${path}`, send('"text"', JSON_TYPE), refusal(dictionaryNotA('str'))),
    manner(`a number in place of an object, to ${path}`, send('7', JSON_TYPE), refusal(dictionaryNotA('int'))),
    manner(`null in place of an object, to ${path}`, send('null', JSON_TYPE), refusal('No data provided')),
    manner(`a body of the type text/xml, to ${path}`, send('<a/>', 'text/xml'), {
      status: 415,
      headers: ALLOWED,
      json: { detail: 'Unsupported media type "text/xml" in request.' },
    }),
    manner(
      `an answer in XML is asked of ${path}`,
      { method: 'POST', path, headers: { Accept: 'application/xml' }, json: {} },
      { status: 406, headers: json, json: { detail: 'Could not satisfy the request Accept header.' } },
    ),
  ]
  if (isShared) return general
  return [
    ...general,
    manner(`no field at all, to ${path}`, { method: 'POST', path, json: {} }, required),
    manner(`no body at all, to ${path}`, { method: 'POST', path }, required),
    manner(`a form without fields, to ${path}`, send('', FORM_TYPE), required),
    manner(`only a field that nobody knows, to ${path}`, { method: 'POST', path, json: { nickname: 'x' } }, required),
    manner(
      `no field at all, to ${path} without its slash`,
      { method: 'POST', path: path.slice(0, -1), json: {} },
      required,
    ),
  ]
}

function listFields({ path, fields, isShared = false }: Form): Case[] {
  if (isShared) return []
  const fill = (value: unknown) => ({ method: 'POST', path, json: fillFields(fields, value) })
  const notText = (field: Field) => (field.isEmail === true ? 'Enter a valid email address.' : 'Not a valid string.')
  const words: readonly (readonly [name: string, value: unknown, say: (field: Field) => string])[] = [
    ['null', null, () => 'This field may not be null.'],
    ['an empty text', '', () => 'This field may not be blank.'],
    ['white space', '  ', () => 'This field may not be blank.'],
    ['true', true, notText],
    ['a list', [], notText],
    ['an object', { a: 1 }, notText],
  ]
  return words.map(([name, value, say]) =>
    manner(`${name} in every field, to ${path}`, fill(value), allFields(fields, say)),
  )
}

function dictionaryNotA(type: string): string {
  return `Invalid data. Expected a dictionary, but got ${type}.`
}

function allFields(fields: readonly Field[], say: (field: Field) => string): Promised {
  const told = fields.map((field) => [field.name, [say(field)]])
  return { status: 400, headers: ALLOWED, json: Object.fromEntries(told) }
}

function fillFields(fields: readonly Field[], value: unknown): unknown {
  return Object.fromEntries(fields.map(({ name }) => [name, value]))
}

function manner(name: string, request: CaseRequest, reply: Promised): Case {
  return { name, kind: 'manner', given: [], request, reply, untriable: null }
}
