// What a real Express 4 + express-validator 6 back end answers to odd requests.
//
// Document 003 ("express-jwt") came from such a back end. This script is that back end, written the way
// such an app obviously is, together with a list of requests. It sends every request over HTTP to itself
// and prints what came back, as a table that another implementation can be tested against.
//
//   npm install express@4 express-validator@6 jsonwebtoken
//   node express-stack.mjs > express.json
//
// How to read the table
//   * Every case starts with no users. The requests under `given` are made first (all of them answer 200).
//   * `body` is the raw text of a body, sent as UTF-8; `body_base64` is used where the bytes are not UTF-8.
//     No body at all: the request carries `Content-Length: 0`, or no length when `headers` say otherwise.
//   * A body is sent with its Content-Length, unless `headers` ask for `transfer-encoding: chunked`.
//   * `reply.headers` holds only the headers named in RECORDED_HEADERS, and only where they were present.
//   * `reply.body` is null where the reply had no body, or one that is not JSON (the name of the case says so).
//     The key order of `reply.body` is the order on the wire.
//   * Tokens are recorded as "{{token}}", after their signature and 24 h life have been checked here.
//   * Under `emails`, `throws` names the error where isEmail() threw instead of answering.
//   * `differs_by_decision` marks a reply that Latchkey deliberately does not give; it is one of DECISIONS.

import crypto from 'node:crypto'
import { once } from 'node:events'
import http from 'node:http'
import { createRequire } from 'node:module'
import zlib from 'node:zlib'

const require = createRequire(import.meta.url)
const express = require('express')
const jwt = require('jsonwebtoken')
const { body, validationResult } = require('express-validator')

const CONTRACT = 'express-jwt'
const SECRET = 'a secret that is only used while measuring'
const RECORDED_HEADERS = ['content-type', 'allow', 'vary', 'x-powered-by', 'x-content-type-options', 'www-authenticate']

const DECISIONS = {
  passwordNotEchoed: 'A password is never echoed: errors.password has no `value`. Everything else in the reply holds.',
  parserWords:
    "Only the status and the envelope are promised: the text of main.msg is the parser's own, changes with the Node version, and can quote the body (so also a password).",
  optionsIs404:
    'A wrong method on a documented path is 404 in the envelope under main, OPTIONS (without CORS) included.',
  loneSurrogatePassword: 'A password with a lone surrogate is refused with 400, before any hashing.',
  loneSurrogateEmail:
    'isEmail() throws a URIError here, hence the 500. An email with a lone surrogate is refused with 400, errors.email, "Email format invalid!".',
  longPassword: 'A password of more than 1024 characters is refused with 400, before any hashing.',
  strippedOnce: 'A password with outer white space that failed is tried once more without it: this login succeeds.',
  passwordNfc: 'Passwords are compared in NFC: this login succeeds.',
  sameAddress:
    'Addresses are one account when they are equal after NFKC, case folding and A-label domains: 400, errors.email, "Email already exists!".',
}

// ---------------------------------------------------------------------------------------------------------
// The back end
// ---------------------------------------------------------------------------------------------------------

const users = new Map() // lower-cased email -> { name, email, salt, hash }

// Identifiers are unique ignoring case: the app's choice, not the library's.
const key = (email) => email.toLowerCase()
const hashOf = (password, salt) => crypto.scryptSync(password, salt, 32, { N: 16 })
const tokenFor = (user) => jwt.sign({ email: user.email }, SECRET, { expiresIn: '24h' })

// Absent, null and '' are "required". Only text passes. Each chain stops at its first error, so that no rule
// ever sees a list: without `isString`, express-validator would judge the first element of a list instead.
const nameRule = body('name', 'Name is required!').isString().bail().notEmpty()

const emailRule = () =>
  body('email')
    .exists({ checkNull: true })
    .withMessage('Email is required!')
    .bail()
    .isString()
    .withMessage('Email format invalid!')
    .bail()
    .notEmpty()
    .withMessage('Email is required!')
    .bail()
    .isEmail()
    .withMessage('Email format invalid!')
    .bail()

const uniqueEmailRule = emailRule().custom(async (email) => {
  if (users.has(key(email))) throw new Error('Email already exists!')
})

const passwordRule = () => body('password', 'Password is required!').isString().bail().notEmpty().bail()

const newPasswordRule = passwordRule().isLength({ min: 8 }).withMessage('Password must be at least 8 characters!')

function rejectInvalid(req, res, next) {
  const errors = validationResult(req)
  if (errors.isEmpty()) return next()
  res.status(400).json({ status: 'fail', errors: errors.mapped() })
}

const auth = express.Router()

auth.post('/register', [nameRule, uniqueEmailRule, newPasswordRule], rejectInvalid, (req, res) => {
  const { name, email, password } = req.body
  const salt = crypto.randomBytes(16)
  const user = { name, email, salt, hash: hashOf(password, salt) }
  users.set(key(email), user)
  res.json({ status: 'success', token: tokenFor(user) })
})

auth.post('/login', [emailRule(), passwordRule()], rejectInvalid, (req, res) => {
  const { email, password } = req.body
  const user = users.get(key(email))
  if (!user) {
    return res.status(400).json({ status: 'fail', errors: { main: { value: email, msg: "User doesn't exist" } } })
  }
  if (!crypto.timingSafeEqual(user.hash, hashOf(password, user.salt))) {
    return res.status(400).json({ status: 'fail', errors: { main: { msg: 'user password incorrect' } } })
  }
  res.json({ status: 'success', token: tokenFor(user) })
})

const app = express()
app.disable('x-powered-by')
app.use(express.json({ limit: '16kb' }))
app.use(express.urlencoded({ extended: false, limit: '16kb' }))
app.use('/api/auth', auth)
app.use((_req, res) => {
  res.status(404).json({ status: 'fail', errors: { main: { msg: 'Not Found' } } })
})
app.use((err, _req, res, _next) => {
  // the fourth parameter makes it an error handler
  const msg = err.expose ? err.message : 'Internal Server Error'
  res.status(err.status ?? 500).json({ status: 'fail', errors: { main: { msg } } })
})

// ---------------------------------------------------------------------------------------------------------
// Ways to write a request
// ---------------------------------------------------------------------------------------------------------

const REGISTER = '/api/auth/register/'
const LOGIN = '/api/auth/login/'
const JSON_TYPE = 'application/json'
const FORM_TYPE = 'application/x-www-form-urlencoded'

const ANN = { name: 'Ann Lee', email: 'ann@example.com', password: 'password' }
const ANN_LOGIN = { email: ANN.email, password: ANN.password }

/** A POST whose body is text or bytes, sent with this content type (none when null). */
const raw = (path, type, content, headers = {}) => ({
  method: 'POST',
  path,
  headers: { ...(type === null ? {} : { 'content-type': type }), ...headers },
  content,
})
/** A POST of a JSON value. Non-ASCII is written as \u escapes, lone surrogates included. */
const post = (path, value) => raw(path, JSON_TYPE, ascii(JSON.stringify(value)))
const form = (path, text, headers) => raw(path, FORM_TYPE, text, headers)
const other = (method, path, headers = {}) => ({ method, path, headers })

const registered = (value = ANN) => [post(REGISTER, value)]
const without = (object, ...names) => Object.fromEntries(Object.entries(object).filter(([k]) => !names.includes(k)))

function ascii(json) {
  return json.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** A valid login as JSON text of exactly `size` bytes. */
function loginOfSize(size) {
  const text = JSON.stringify({ ...ANN_LOGIN, padding: '' })
  return `${text.slice(0, -2) + 'x'.repeat(size - text.length)}"}`
}

/** A valid login as a form of `count` parameters. */
function loginFormOf(count) {
  return `email=ann@example.com&password=password${'&a'.repeat(count - 2)}`
}

// ---------------------------------------------------------------------------------------------------------
// The cases
// ---------------------------------------------------------------------------------------------------------

const cases = []
/**
 * add(name, request, given requests, decision that differs)
 * A name that ends in "..." is completed with what came back.
 */
const add = (name, request, given = [], decision) => cases.push({ name, request, given, decision })

// --- The pairs of the document ---------------------------------------------------------------------------

add(
  'registering with valid data gives success and a token',
  post(REGISTER, { name: 'example name', email: 'example@example.com', password: 'password' }),
)
add(
  'registering with a malformed email and no password gives both errors, and no value for the absent one',
  post(REGISTER, { name: 'example name', email: 'wrong@format' }),
)
add(
  'logging in with valid data gives success and a token',
  post(LOGIN, { email: 'example@example.com', password: 'password' }),
  registered({ name: 'example name', email: 'example@example.com', password: 'password' }),
)
add('logging in with a malformed email and no password gives both errors', post(LOGIN, { email: 'wrong@format' }))
add(
  'logging in as somebody unknown says so under main, with the email as value',
  post(LOGIN, { email: 'nobody@example.com', password: 'password' }),
)
add(
  'logging in with the wrong password says so under main, without a value',
  post(LOGIN, { ...ANN_LOGIN, password: 'passw0rd' }),
  registered(),
)

// --- Which fields, in which order ------------------------------------------------------------------------

add('an empty object at registration gives all three errors in the order name, email, password', post(REGISTER, {}))
add('an empty object at login gives both errors in the order email, password', post(LOGIN, {}))
add(
  'the order of the errors is that of the rules, not of the body, at registration',
  post(REGISTER, { password: '', email: 'x', name: '' }),
)
add(
  'the order of the errors is that of the rules, not of the body, at login',
  post(LOGIN, { password: '', email: 'x' }),
)
add(
  'a taken email and a short password are reported together',
  post(REGISTER, { ...ANN, password: 'short' }),
  registered(),
)
add('a taken email and an absent name are reported together', post(REGISTER, without(ANN, 'name')), registered())
add('a field that nobody asked for is ignored', post(REGISTER, { ...ANN, admin: true, is_staff: true }))
add('field names are case-sensitive', post(LOGIN, { Email: ANN.email, PASSWORD: ANN.password }))
add('field names are not trimmed', post(LOGIN, { ' email': ANN.email, 'password ': ANN.password }))
add('a dotted field name is not a path', post(LOGIN, { 'email.x': ANN.email, 'password.x': ANN.password }))
add(
  'the last of two equal keys in a JSON object wins',
  raw(LOGIN, JSON_TYPE, '{"email":"first@example.com","password":"a","email":"second@example.com"}'),
)
add(
  'fields inside __proto__ are not fields of the body',
  raw(LOGIN, JSON_TYPE, '{"__proto__":{"email":"ann@example.com","password":"password"}}'),
  registered(),
)
add('the login has no minimum length for the password', post(LOGIN, { ...ANN_LOGIN, password: 'x' }), registered())
add(
  'the query string does not fill in fields',
  raw(`${LOGIN}?email=ann@example.com&password=password`, JSON_TYPE, '{}'),
  registered(),
)
add(
  'a query string does not disturb a login',
  raw(`${LOGIN}?next=/`, JSON_TYPE, JSON.stringify(ANN_LOGIN)),
  registered(),
)
add(
  'headers do not fill in fields',
  raw(LOGIN, JSON_TYPE, '{}', { email: 'ann@example.com', password: 'password' }),
  registered(),
)

// --- Odd values of every field on both routes -------------------------------------------------------------

const NESTED = JSON.parse('['.repeat(500) + ']'.repeat(500))
const oddValues = [
  ['the empty string', ''],
  ['only white space', '   '],
  ['null', null],
  ['a number', 12345678],
  ['zero', 0],
  ['true', true],
  ['false', false],
  ['an empty list', []],
  ['a list of one valid text', (field) => [ANN[field]]],
  ['an empty object', {}],
  ['an object', { x: 'y' }],
  ['an object that has its own toString', { toString: 'ann@example.com' }],
  ['an object that cannot be made a string', { toString: null, valueOf: null }],
  ['500 nested lists', NESTED],
  ['a text with a NUL in it', (field) => ANN[field].replace('a', 'a\0')],
  ['only a NUL', '\0'],
  ['a text with a lone high surrogate in it', (field) => `x\ud800${ANN[field]}`],
  ['a text with a lone low surrogate at its end', (field) => `${ANN[field]}\udc00`],
  ['a text with outer white space', (field) => ` ${ANN[field]}\t`],
  ['a text with a line feed at its end', (field) => `${ANN[field]}\n`],
]
for (const [path, route, fields, given] of [
  [REGISTER, 'at registration', ['name', 'email', 'password'], []],
  [LOGIN, 'at login', ['email', 'password'], registered()],
]) {
  const valid = path === LOGIN ? ANN_LOGIN : ANN
  for (const field of fields) {
    add(`an absent ${field} ${route}...`, post(path, without(valid, field)), given)
    for (const [what, value] of oddValues) {
      const odd = typeof value === 'function' ? value(field) : value
      let decision
      if (field === 'password' && /surrogate/.test(what)) decision = DECISIONS.loneSurrogatePassword
      else if (field === 'email' && /surrogate/.test(what)) decision = DECISIONS.loneSurrogateEmail
      else if (field === 'password' && path === LOGIN && /outer|line feed/.test(what)) decision = DECISIONS.strippedOnce
      add(
        `${field === 'email' ? 'an' : 'a'} ${field} ${route} that is ${what}...`,
        post(path, { ...valid, [field]: odd }),
        given,
        decision,
      )
    }
  }
}
// `value` is the JSON value as JavaScript understood it, not the text that was sent.
add('a number too large for a double is echoed as null', raw(LOGIN, JSON_TYPE, '{"email":1e400,"password":"x"}'))
add('a large integer is echoed rounded', raw(LOGIN, JSON_TYPE, '{"email":12345678901234567890,"password":"x"}'))
add('1.0 is echoed as 1', raw(LOGIN, JSON_TYPE, '{"email":1.0,"password":"x"}'))
add('minus zero is echoed as 0', raw(LOGIN, JSON_TYPE, '{"email":-0,"password":"x"}'))
add('an email is echoed with its HTML unescaped', post(LOGIN, { email: '<b>"&\u2028</b>', password: 'x' }))
add('an email of 255 characters is malformed, and echoed whole', post(LOGIN, { email: longEmail(255), password: 'x' }))
add('a name of 5000 characters is taken', post(REGISTER, { ...ANN, name: 'n'.repeat(5000) }))
add('a name of one character is taken', post(REGISTER, { ...ANN, name: 'n' }))
add('a name outside the BMP is taken', post(REGISTER, { ...ANN, name: '\u{1f600}' }))

// --- The length of passwords ------------------------------------------------------------------------------

const lengths = [
  ['7 characters', '1234567'],
  ['8 characters', '12345678'],
  ['8 spaces', ' '.repeat(8)],
  ['7 characters and a space, which counts', '1234567 '],
  ['4 astral characters, which are 8 UTF-16 units', '\u{1f600}'.repeat(4)],
  ['7 astral characters', '\u{1f600}'.repeat(7)],
  ['8 astral characters', '\u{1f600}'.repeat(8)],
  ['7 letters and one astral character', '1234567\u{1f600}'],
  ['6 letters and one astral character, which are 8 UTF-16 units', '123456\u{1f600}'],
  ['4 letters each with a combining accent, which are 8 code points', 'e\u0301'.repeat(4)],
  ['7 letters and one variation selector, which are 8 code points', '1234567\ufe0f'],
  ['8 letters and one variation selector', '12345678\ufe0f'],
  ['4 pairs of a letter and a text variation selector', 'a\ufe0e'.repeat(4)],
  ['8 variation selectors after one another', '\ufe0f'.repeat(8)],
  ['one letter and 8 variation selectors', `a${'\ufe0f'.repeat(8)}`],
  ['7 letters and one variation selector of the supplementary block', '1234567\u{e0100}'],
  ['8 zero-width joiners', '\u200d'.repeat(8)],
  ['3 letters and one family emoji of 5 code points', '123\u{1f468}\u200d\u{1f469}\u200d\u{1f467}'],
  ['8 NULs', '\0'.repeat(8)],
  ['1024 characters', 'p'.repeat(1024)],
]
for (const [what, password] of lengths) add(`a new password of ${what},...`, post(REGISTER, { ...ANN, password }))
add(
  'a new password of 1025 characters...',
  post(REGISTER, { ...ANN, password: 'p'.repeat(1025) }),
  [],
  DECISIONS.longPassword,
)
add(
  'a new password of 7 characters and a lone surrogate, which counts as one,...',
  post(REGISTER, { ...ANN, password: '1234567\ud83d' }),
  [],
  DECISIONS.loneSurrogatePassword,
)
add(
  'a login with a wrong password of 1025 characters...',
  post(LOGIN, { ...ANN_LOGIN, password: 'p'.repeat(1025) }),
  registered(),
  DECISIONS.longPassword,
)
add(
  'passwords that differ only after 72 bytes are different',
  post(LOGIN, { ...ANN_LOGIN, password: `${'p'.repeat(72)}b` }),
  registered({ ...ANN, password: `${'p'.repeat(72)}a` }),
)
add(
  'passwords that differ only after a NUL are different',
  post(LOGIN, { ...ANN_LOGIN, password: 'password\0b' }),
  registered({ ...ANN, password: 'password\0a' }),
)
add('a password is case-sensitive', post(LOGIN, { ...ANN_LOGIN, password: 'PASSWORD' }), registered())
add(
  'a password set with outer white space signs in with it',
  post(LOGIN, { ...ANN_LOGIN, password: ' password ' }),
  registered({ ...ANN, password: ' password ' }),
)
add(
  'a password set with outer white space does not sign in without it',
  post(LOGIN, ANN_LOGIN),
  registered({ ...ANN, password: ' password ' }),
)
add(
  'a password set composed does not sign in decomposed',
  post(LOGIN, { ...ANN_LOGIN, password: 'passworde\u0301' }),
  registered({ ...ANN, password: 'password\u00e9' }),
  DECISIONS.passwordNfc,
)
add(
  'a lone surrogate signs in for a password that has U+FFFD in its place',
  post(LOGIN, { ...ANN_LOGIN, password: 'password\ud800' }),
  registered({ ...ANN, password: 'password\ufffd' }),
  DECISIONS.loneSurrogatePassword,
)

// --- The same email --------------------------------------------------------------------------------------

add('an email that is taken cannot be registered again', post(REGISTER, ANN), registered())
add(
  'an email in another letter case is taken, and echoed as typed',
  post(REGISTER, { ...ANN, email: 'ANN@Example.COM' }),
  registered(),
)
add('an email in another letter case signs in', post(LOGIN, { ...ANN_LOGIN, email: 'Ann@EXAMPLE.com' }), registered())
add('an unknown email is echoed as typed under main', post(LOGIN, { ...ANN_LOGIN, email: 'NoBody@Example.COM' }))
add('an email with a plus tag is another email', post(REGISTER, { ...ANN, email: 'ann+tag@example.com' }), registered())
add(
  'gmail dots make another email',
  post(REGISTER, { ...ANN, email: 'a.nn@gmail.com' }),
  registered({ ...ANN, email: 'ann@gmail.com' }),
)
add(
  'an email with the A-label of a taken domain is another email',
  post(REGISTER, { ...ANN, email: 'ann@xn--bcher-kva.example' }),
  registered({ ...ANN, email: 'ann@b\u00fccher.example' }),
  DECISIONS.sameAddress,
)
add(
  'the decomposed form of a taken email is another email',
  post(REGISTER, { ...ANN, email: 'rene\u0301@example.com' }),
  registered({ ...ANN, email: 'ren\u00e9@example.com' }),
  DECISIONS.sameAddress,
)
add('a non-ASCII local part can be registered', post(REGISTER, { ...ANN, email: 'ren\u00e9@example.com' }))
add(
  'a non-ASCII email signs in',
  post(LOGIN, { email: 'ren\u00e9@example.com', password: ANN.password }),
  registered({ ...ANN, email: 'ren\u00e9@example.com' }),
)
add('u@localhost is malformed', post(REGISTER, { ...ANN, email: 'u@localhost' }))
add('an IP literal as domain is malformed', post(REGISTER, { ...ANN, email: 'u@[127.0.0.1]' }))

// --- Bodies that are not a JSON object --------------------------------------------------------------------

const malformed = [
  ['an object that ends early', '{"email":"ann@example.com"'],
  ['an object with a trailing comma', '{"email":"ann@example.com","password":"password",}'],
  ['an object with a comment', '{"email":"ann@example.com"/*c*/}'],
  ['an object in single quotes', "{'email':'ann@example.com'}"],
  ['an object with an unquoted key', '{email:"ann@example.com"}'],
  ['two objects', '{}{}'],
  ['an object with a raw line feed in a string', '{"email":"ann\n@example.com"}'],
  ['an object with a bad escape', '{"email":"\\x41"}'],
  ['an object with NaN as value', '{"email":NaN}'],
  ['null', 'null'],
  ['true', 'true'],
  ['a number', '42'],
  ['a string', '"email"'],
  ['only white space', ' \r\n\t'],
  ['form text', 'email=ann@example.com&password=password'],
  ['an object after a no-break space', '\u00a0{}'],
  ['an object after two byte order marks', '\ufeff\ufeff{}'],
  ['an object before a NUL', '{}\0'],
]
for (const [what, text] of malformed) {
  add(`a JSON body that is ${what} is malformed`, raw(LOGIN, JSON_TYPE, text), [], DECISIONS.parserWords)
}
add(
  'a malformed body at registration is answered like one at login',
  raw(REGISTER, JSON_TYPE, '{'),
  [],
  DECISIONS.parserWords,
)
add(
  'a malformed body on an unknown path is read first',
  raw('/api/auth/nowhere/', JSON_TYPE, '{'),
  [],
  DECISIONS.parserWords,
)
add('a malformed body outside /api/auth is read first', raw('/', JSON_TYPE, '{'), [], DECISIONS.parserWords)
add(
  'a malformed body with PUT is read first',
  { ...raw(LOGIN, JSON_TYPE, '{'), method: 'PUT' },
  [],
  DECISIONS.parserWords,
)
add(
  'a malformed body with GET is read first',
  { ...raw(LOGIN, JSON_TYPE, '{'), method: 'GET' },
  [],
  DECISIONS.parserWords,
)
add('an empty list as JSON body is an object without fields', raw(LOGIN, JSON_TYPE, '[]'))
add(
  'a list holding the object as JSON body is an object without fields',
  raw(LOGIN, JSON_TYPE, JSON.stringify([ANN_LOGIN])),
  registered(),
)
add('an empty body of type JSON is an object without fields, at login', raw(LOGIN, JSON_TYPE, undefined))
add('an empty body of type JSON is an object without fields, at registration', raw(REGISTER, JSON_TYPE, undefined))
add(
  'an empty chunked body of type JSON is an object without fields',
  raw(LOGIN, JSON_TYPE, undefined, { 'transfer-encoding': 'chunked' }),
)
add(
  'a chunked JSON body is read',
  raw(LOGIN, JSON_TYPE, JSON.stringify(ANN_LOGIN), { 'transfer-encoding': 'chunked' }),
  registered(),
)
add(
  'a byte order mark before the object is skipped',
  raw(LOGIN, JSON_TYPE, `\ufeff${JSON.stringify(ANN_LOGIN)}`),
  registered(),
)
add('a lone byte order mark is an object without fields', raw(LOGIN, JSON_TYPE, '\ufeff'))
add(
  'JSON white space around the object is skipped',
  raw(LOGIN, JSON_TYPE, `\r\n\t ${JSON.stringify(ANN_LOGIN)}\n`),
  registered(),
)
add(
  'bytes that are not UTF-8 become U+FFFD in a name, which is taken',
  raw(REGISTER, JSON_TYPE, Buffer.from('{"name":"\xff","email":"ann@example.com","password":"password"}', 'latin1')),
)
add(
  'bytes that are not UTF-8 become U+FFFD in the echoed email',
  raw(LOGIN, JSON_TYPE, Buffer.from('{"email":"\xff@example","password":"password"}', 'latin1')),
)
add(
  'a surrogate encoded in UTF-8 becomes three U+FFFD',
  raw(LOGIN, JSON_TYPE, Buffer.from('{"email":"\xed\xa0\x80@example","password":"password"}', 'latin1')),
)

// --- Content types ----------------------------------------------------------------------------------------

const LOGIN_TEXT = JSON.stringify(ANN_LOGIN)
for (const type of [
  'Application/JSON',
  'application/json; charset=utf-8',
  'application/json;charset=UTF-8',
  'application/json; charset="utf-8"',
  'application/json; x=y',
  'application/json;x=y;charset=utf-8',
  'application/json ; charset=utf-8',
  ' application/json ',
])
  add(`the content type "${type}" is JSON`, raw(LOGIN, type, LOGIN_TEXT), registered())

for (const type of [
  'application/json; charset=iso-8859-1',
  'application/json; charset=us-ascii',
  'application/json; charset=utf8',
  'application/json; charset=utf-99',
  'application/json; charset=windows-1252',
])
  add(`the content type "${type}" is refused`, raw(LOGIN, type, LOGIN_TEXT), registered())
add(
  'an unsupported charset of an empty body is refused too',
  raw(LOGIN, 'application/json; charset=iso-8859-1', undefined),
)
add(
  'JSON in UTF-16LE, named utf-16le, is read',
  raw(LOGIN, 'application/json; charset=utf-16le', Buffer.from(LOGIN_TEXT, 'utf16le')),
  registered(),
)
add(
  'JSON in UTF-16 with a byte order mark is read',
  raw(LOGIN, 'application/json; charset=utf-16', Buffer.from(`\ufeff${LOGIN_TEXT}`, 'utf16le')),
  registered(),
)
add(
  'JSON in UTF-7 is read',
  raw(LOGIN, 'application/json; charset=utf-7', '{"email":"ann+AEA-example.com","password":"password"}'),
  registered(),
)

for (const type of [
  null,
  '',
  'text/plain',
  'text/json',
  'application/vnd.api+json',
  'application/problem+json',
  'application/x-json',
  'application/jsonx',
  'application/json, text/plain',
  'application',
  'application/*',
  '*/*',
  'application/octet-stream',
]) {
  add(
    `a JSON text with ${type === null ? 'no content type' : `the content type "${type}"`} is an empty body`,
    raw(LOGIN, type, LOGIN_TEXT),
    registered(),
  )
}
add('a malformed JSON text as text/plain is an empty body', raw(LOGIN, 'text/plain', '{'))
add('no body and no content type is an empty body', other('POST', LOGIN))
add(
  'a multipart form is an empty body',
  raw(
    LOGIN,
    'multipart/form-data; boundary=b',
    '--b\r\nContent-Disposition: form-data; name="email"\r\n\r\nann@example.com\r\n' +
      '--b\r\nContent-Disposition: form-data; name="password"\r\n\r\npassword\r\n--b--\r\n',
  ),
  registered(),
)
add(
  'a multipart form is an empty body at registration',
  raw(
    REGISTER,
    'multipart/form-data; boundary=b',
    '--b\r\nContent-Disposition: form-data; name="name"\r\n\r\nAnn\r\n--b--\r\n',
  ),
)
add('the Accept header changes nothing', raw(LOGIN, JSON_TYPE, LOGIN_TEXT, { accept: 'application/xml' }), registered())
add(
  'a bad Authorization header changes nothing',
  raw(LOGIN, JSON_TYPE, LOGIN_TEXT, { authorization: 'Bearer garbage' }),
  registered(),
)
add(
  'an Origin header changes nothing',
  raw(LOGIN, JSON_TYPE, LOGIN_TEXT, { origin: 'https://app.example' }),
  registered(),
)

// A parameter that is not well-formed spoils the whole content type.
for (const type of [
  'application/json;',
  'application/json; charset=',
  'application/json; charset',
  'application/json; charset=utf-8;',
]) {
  add(
    `the malformed content type "${type}" is no content type, hence an empty body`,
    raw(LOGIN, type, LOGIN_TEXT),
    registered(),
  )
}

// --- Content encodings ------------------------------------------------------------------------------------

add(
  'a gzipped JSON body is read',
  raw(LOGIN, JSON_TYPE, zlib.gzipSync(LOGIN_TEXT), { 'content-encoding': 'gzip' }),
  registered(),
)
add(
  'a deflated JSON body is read',
  raw(LOGIN, JSON_TYPE, zlib.deflateSync(LOGIN_TEXT), { 'content-encoding': 'deflate' }),
  registered(),
)
add(
  'a body of content encoding identity is read',
  raw(LOGIN, JSON_TYPE, LOGIN_TEXT, { 'content-encoding': 'Identity' }),
  registered(),
)
add('an unknown content encoding is refused', raw(LOGIN, JSON_TYPE, LOGIN_TEXT, { 'content-encoding': 'x-unknown' }))
add(
  'a body that is not gzip although it says so is refused',
  raw(LOGIN, JSON_TYPE, LOGIN_TEXT, { 'content-encoding': 'gzip' }),
  [],
  DECISIONS.parserWords,
)
add(
  'a small gzip that grows beyond the limit is too large',
  raw(LOGIN, JSON_TYPE, zlib.gzipSync(loginOfSize(200_000), { level: 9 }), { 'content-encoding': 'gzip' }),
)

// --- Forms ------------------------------------------------------------------------------------------------

add('a urlencoded login is read', form(LOGIN, 'email=ann%40example.com&password=password'), registered())
add('a urlencoded login with a raw @ is read', form(LOGIN, 'email=ann@example.com&password=password'), registered())
add('a urlencoded registration is read', form(REGISTER, 'name=Ann+Lee&email=ann%40example.com&password=password'))
add('a plus in a form is a space', form(REGISTER, 'name=Ann&email=ann+tag@example.com&password=password'))
add('an encoded plus in a form is a plus', form(REGISTER, 'name=Ann&email=ann%2Btag@example.com&password=password'))
add('digits in a form are text', form(REGISTER, 'name=1&email=1@example.com&password=12345678'))
add('an empty field of a form is required, and echoed as an empty value', form(LOGIN, 'email=&password=password'))
add('a key without equals sign in a form is an empty value', form(LOGIN, 'email&password=password'))
add('an empty password in a form is required', form(LOGIN, 'email=ann@example.com&password='))
add(
  'a repeated email in a form is a list, hence malformed, and echoed as a list',
  form(LOGIN, 'email=ann@example.com&email=bob@example.com&password=password'),
  registered(),
)
add(
  'a repeated password in a form is a list, hence not text',
  form(LOGIN, 'email=ann@example.com&password=password&password=password'),
  registered(),
)
add(
  'a repeated name in a form is a list, hence not text',
  form(REGISTER, 'name=Ann&name=Lee&email=ann@example.com&password=password'),
)
add('email[x]= in a form is a field of another name', form(LOGIN, 'email[x]=ann@example.com&password=password'))
add('email[]= in a form is a field of another name', form(LOGIN, 'email[]=ann@example.com&password=password'))
add('a bad percent escape in a form is kept as it is', form(LOGIN, 'email=%zz&password=password'))
add('a percent escape that is not UTF-8 becomes U+FFFD', form(LOGIN, 'email=%ff@example&password=password'))
add('an encoded NUL in a form makes the email malformed', form(LOGIN, 'email=a%00@example.com&password=password'))
add('a semicolon in a form does not separate fields', form(LOGIN, 'email=ann@example.com;password=password'))
add('a JSON text sent as a form is one key without fields', form(LOGIN, LOGIN_TEXT))
add('an empty form is an object without fields', form(LOGIN, undefined))
add('a form of only ampersands is an object without fields', form(LOGIN, '&&&'))
add(
  'a byte order mark before a form is skipped',
  form(LOGIN, '\ufeffemail=ann@example.com&password=password'),
  registered(),
)
add(
  'a form type in other letter case and with a charset is read',
  raw(LOGIN, 'Application/X-WWW-Form-URLEncoded; charset=UTF-8', 'email=ann@example.com&password=password'),
  registered(),
)
add(
  'a form in iso-8859-1 is refused',
  raw(LOGIN, `${FORM_TYPE}; charset=iso-8859-1`, 'email=ann@example.com&password=password'),
  registered(),
)
add(
  'a form in utf-16 is refused although JSON in utf-16 is not',
  raw(LOGIN, `${FORM_TYPE}; charset=utf-16`, 'email=ann@example.com&password=password'),
  registered(),
)
add('a form of 1000 parameters is read', form(LOGIN, loginFormOf(1000)), registered())
add('a form of 1001 parameters is too large', form(LOGIN, loginFormOf(1001)), registered())

// --- Size -------------------------------------------------------------------------------------------------

add('a JSON body of 16384 bytes is read', raw(LOGIN, JSON_TYPE, loginOfSize(16384)), registered())
add('a JSON body of 16385 bytes is too large', raw(LOGIN, JSON_TYPE, loginOfSize(16385)), registered())
add(
  'a chunked JSON body of 16385 bytes is too large',
  raw(LOGIN, JSON_TYPE, loginOfSize(16385), { 'transfer-encoding': 'chunked' }),
  registered(),
)
add('a malformed body of 16385 bytes is too large before it is malformed', raw(LOGIN, JSON_TYPE, '{'.repeat(16385)))
add('a form of 16385 bytes is too large', form(REGISTER, `name=${'n'.repeat(16380)}`))
add(
  'a too large body on an unknown path is too large before it is not found',
  raw('/nowhere', JSON_TYPE, '['.repeat(16385)),
)
add('a text/plain body of 16385 bytes is not read, hence not too large', raw(LOGIN, 'text/plain', 't'.repeat(16385)))

// --- Methods ----------------------------------------------------------------------------------------------

for (const path of [LOGIN, REGISTER]) {
  for (const method of ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'PROPFIND']) {
    add(`${method} ${path} is not found`, other(method, path))
  }
  add(`OPTIONS ${path} answers 200 with the text POST`, other('OPTIONS', path), [], DECISIONS.optionsIs404)
}
add(
  'a CORS preflight gets no CORS headers',
  other('OPTIONS', LOGIN, { origin: 'https://app.example', 'access-control-request-method': 'POST' }),
  [],
  DECISIONS.optionsIs404,
)
add('OPTIONS on an unknown path is not found', other('OPTIONS', '/api/auth/nowhere/'))
add('OPTIONS * is not found', other('OPTIONS', '*'))
add('PUT with valid JSON is not found', { ...post(LOGIN, ANN_LOGIN), method: 'PUT' }, registered())
add('X-HTTP-Method-Override is ignored', other('GET', LOGIN, { 'x-http-method-override': 'POST' }))

// --- Paths ------------------------------------------------------------------------------------------------

for (const path of [
  '/api/auth/login',
  '/api/auth/LOGIN/',
  '/API/Auth/Login',
  '/api/auth/login?',
  '/api/auth/login/?a=b',
  'http://other.example/api/auth/login/',
  '/api/auth//login/',
  '/api/auth//login',
])
  add(`a login at ${path} is a login`, post(path, ANN_LOGIN), registered())
for (const path of ['/api/auth/register', '/Api/AUTH/rEGISTER/']) {
  add(`a registration at ${path} is a registration`, post(path, ANN))
}
for (const path of [
  '/api/auth/login//',
  '/api/auth///login/',
  '//api/auth/login/',
  '/api//auth/login/',
  '/api/auth/login/x',
  '/api/auth/login.json',
  '/api/auth/logi%6E/',
  '/api%2Fauth/login/',
  '/api/auth/login%2F',
  '/api/auth/login%20',
  '/api/auth/./login/',
  '/api/auth/x/../login/',
  '/api/auth/login;a=b',
  '/api/auth/%',
  '/api/auth/%ff',
  '/api/auth/login/%00',
  '/api/auth/',
  '/api/auth',
  '/api/',
  '/',
  '/api/auth/nowhere/',
  '/nowhere',
  '/login/',
  '/api/authlogin/',
])
  add(`a POST to ${path} is not found`, post(path, ANN_LOGIN), registered())
add('a GET of an unknown path under /api/auth is not found', other('GET', '/api/auth/nowhere/'))
add('a GET of an unknown path outside /api/auth is not found', other('GET', '/nowhere'))
add('a GET of / is not found', other('GET', '/'))
add('a HEAD of an unknown path is not found, without a body', other('HEAD', '/nowhere'))

// ---------------------------------------------------------------------------------------------------------
// Emails, judged by the rule `isEmail()` alone (it judges text; other types never get this far)
// ---------------------------------------------------------------------------------------------------------

/** An otherwise valid email of exactly `length` characters. */
function longEmail(length) {
  const local = 'u'.repeat(64)
  let domain = ''
  let left = length - local.length - 1 - '.com'.length
  while (left > 0) {
    const label = Math.min(left, 63)
    domain = 'd'.repeat(label) + (domain && '.') + domain
    left -= label + 1
  }
  const email = `${local}@${domain}.com`
  if (email.length !== length) throw new Error(`made ${email.length}, not ${length}`)
  return email
}

const emails = [
  // ordinary
  'a@b.co',
  'ann@example.com',
  'ANN@EXAMPLE.COM',
  'ann.lee@example.com',
  'ann+tag@example.com',
  'ann-lee@example.com',
  'ann_lee@example.com',
  "o'hara@example.com",
  '1@example.com',
  '1234567890@example.com',
  'a@1.com',
  'a@123.example',
  'ann@mail.example.co.uk',
  'ann@example.museum',
  'ann@exam-ple.com',
  'ann@a.b.c.d.e.f.example',
  // the special characters of a local part, one by one
  ...[..."!#$%&'*+-/=?^_`{|}~"].map((c) => `a${c}b@example.com`),
  ...[...'()<>[]:;,\\"'].map((c) => `a${c}b@example.com`),
  "!#$%&'*+-/=?^_`{|}~@example.com",
  '-@example.com',
  '_@example.com',
  '+@example.com',
  // dots
  '.ann@example.com',
  'ann.@example.com',
  'ann..lee@example.com',
  '.@example.com',
  'ann@.example.com',
  'ann@example..com',
  'ann@example.com.',
  'ann@.',
  'ann@..',
  'ann@.com',
  // missing or repeated parts
  '',
  ' ',
  '@',
  '@@',
  'ann',
  'ann@',
  '@example.com',
  'ann@@example.com',
  'ann@lee@example.com',
  'a@b@c.com',
  'example.com',
  'ann.example.com',
  'mailto:ann@example.com',
  '"ann"',
  'ann@example.com@',
  // white space and controls
  ' ann@example.com',
  'ann@example.com ',
  'ann @example.com',
  'ann@ example.com',
  'ann@exam ple.com',
  'an n@example.com',
  'ann@example.com\n',
  '\nann@example.com',
  'ann\n@example.com',
  'ann@example\n.com',
  'ann\t@example.com',
  'ann@example.com\t',
  'a\0nn@example.com',
  'ann@exa\0mple.com',
  'ann@example.com\0',
  'ann\x7f@example.com',
  'ann\x01@example.com',
  'ann@example.com\r\nBcc: x@example.com',
  'ann\u00a0@example.com',
  'ann@exam\u00a0ple.com',
  'ann\u3000@example.com',
  'ann\u2028@example.com',
  'ann\u200b@example.com',
  'ann@exam\u200bple.com',
  '\ufeffann@example.com',
  'ann@example.com\ufeff',
  'ann\u202e@example.com',
  'ann\u0085@example.com',
  'ann@exam\u0085ple.com',
  // quoted local parts
  '"ann"@example.com',
  '"ann lee"@example.com',
  '""@example.com',
  '" "@example.com',
  '"ann@lee"@example.com',
  '"ann..lee"@example.com',
  '".ann"@example.com',
  '"ann\\"lee"@example.com',
  '"ann"lee"@example.com',
  '"ann\\\\"@example.com',
  '"ann\\"@example.com',
  '"ann@example.com',
  'ann"@example.com',
  '"ann".lee@example.com',
  '"ann"."lee"@example.com',
  'x"ann"@example.com',
  '"@example.com',
  '"a\tb"@example.com',
  '"a\nb"@example.com',
  '"a\r\nBcc: b"@example.com',
  '"a\0b"@example.com',
  '"a\x01b"@example.com',
  '"ren\u00e9"@example.com',
  '"\u{1f600}"@example.com',
  '"<script>"@example.com',
  '"a(b),:;<>[]"@example.com',
  // comments and display names
  'Ann <ann@example.com>',
  '<ann@example.com>',
  'ann(comment)@example.com',
  '(comment)ann@example.com',
  'ann@(comment)example.com',
  'ann@example.com (Ann)',
  'ann@example.com,bob@example.com',
  'ann@example.com;bob@example.com',
  // domains: names
  'u@localhost',
  'u@com',
  'u@a.b',
  'u@a.bc',
  'u@example.c',
  'u@example.1',
  'u@example.12',
  'u@example.c1',
  'u@example.1c',
  'u@example.c-m',
  'u@-example.com',
  'u@example-.com',
  'u@exam--ple.com',
  'u@-.com',
  'u@exam_ple.com',
  'u@_dmarc.example.com',
  'u@example.c_m',
  'u@exam!ple.com',
  'u@exam*ple.com',
  'u@*.example.com',
  'u@exam/ple.com',
  'u@example.com/path',
  'u@example.com:25',
  'u@exam+ple.com',
  "u@exam'ple.com",
  'u@exam%ple.com',
  'u@example.com?x',
  'u@example.com#x',
  'u@xn--bcher-kva.example',
  'u@example.xn--p1ai',
  'u@example.xn--',
  'u@example.xn-',
  'u@example.xn--90a-',
  'u@example.XN--P1AI',
  'u@example.local',
  'u@example.invalid',
  // domains: addresses
  'u@127.0.0.1',
  'u@[127.0.0.1]',
  'u@[IPv6:::1]',
  'u@[::1]',
  'u@::1',
  'u@1.2.3.4.com',
  'u@256.256.256.256',
  'u@0x7f.1',
  'u@[example.com]',
  // domains: not ASCII
  'u@b\u00fccher.example',
  'u@B\u00dcCHER.example',
  'u@b\u0075\u0308cher.example',
  'u@example.\u0440\u0444',
  'u@\u043f\u0440\u0438\u043c\u0435\u0440.\u0440\u0444',
  'u@\u4f8b\u3048.\u30c6\u30b9\u30c8',
  'u@example\u3002com',
  'u@ex\uff41mple.com',
  'u@example.\uff43\uff4f\uff4d',
  'u@example.c\u00e9',
  'u@example.\u00e9',
  'u@example.c\u00a9m',
  'u@exam\u00a9ple.com',
  'u@\u{1f600}.com',
  'u@example.\u{1f600}',
  'u@example.\u{1f600}\u{1f600}',
  'u@\u{20000}\u{20001}.com',
  'u@exam\u00ad-ple.com',
  'u@exam\u00adple.com',
  'u@exam\ue000ple.com',
  'u@exam\ud800ple.com',
  'u@exam\uffffple.com',
  'u@fa\u00df.de',
  'u@e\u0301xample.com',
  'u@\u2014.com',
  'u@\u212aexample.com',
  'u@example.\u212am',
  // local parts: not ASCII
  'ren\u00e9@example.com',
  'rene\u0301@example.com',
  '\u0430nn@example.com',
  '\u4f8b@example.com',
  '\u{1f600}@example.com',
  'a\u{1f600}b@example.com',
  '\u{20000}@example.com',
  'a\ud800@example.com',
  'a\udc00@example.com',
  '\u00a1@example.com',
  '\u00a9@example.com',
  '\u00ad@example.com',
  '\ue000@example.com',
  '\ufb01@example.com',
  '\ufdd0@example.com',
  '\uffef@example.com',
  '\ufff0@example.com',
  '\ufffd@example.com',
  '\uffff@example.com',
  '\uff41nn@example.com',
  'ann\uff20example.com',
  'ann@example\uff0ecom',
  '\u3002@example.com',
  'a\u3002b@example.com',
  // lengths: 64 for the local part and 254 for the domain count UTF-8 bytes, 63 for a label and 254 for the whole UTF-16 units
  `${'u'.repeat(64)}@example.com`,
  `${'u'.repeat(65)}@example.com`,
  `${'\u00e9'.repeat(32)}@example.com`,
  `${'\u00e9'.repeat(33)}@example.com`,
  `${'\u4f8b'.repeat(21)}@example.com`,
  `${'\u4f8b'.repeat(22)}@example.com`,
  `"${'u'.repeat(62)}"@example.com`,
  `"${'u'.repeat(63)}"@example.com`,
  `u@${'d'.repeat(63)}.com`,
  `u@${'d'.repeat(64)}.com`,
  `u@example.${'t'.repeat(63)}`,
  `u@example.${'t'.repeat(64)}`,
  `u@${'\u00fc'.repeat(63)}.com`,
  `u@${'\u00fc'.repeat(64)}.com`,
  `u@${'\u{1f600}'.repeat(31)}.com`,
  `u@${'\u{1f600}'.repeat(32)}.com`,
  longEmail(253),
  longEmail(254),
  longEmail(255),
  longEmail(320),
  `u@${(`${'\u00fc'.repeat(40)}.`).repeat(4)}com`,
  `u@${(`${'\u4f8b'.repeat(30)}.`).repeat(3)}com`,
  `u@${(`${'\u00fc'.repeat(60)}.`).repeat(2)}com`,
  `u@${(`${'\u00fc'.repeat(62)}.`).repeat(2)}com`,
  `u@${'a.'.repeat(125)}co`,
  `u@${'a.'.repeat(126)}co`,
  `u@${(`${'\u00fc'.repeat(62)}.`).repeat(2)}coma`,
  `u@${(`${'\u00fc'.repeat(62)}.`).repeat(2)}comab`,
  // gmail has no rules of its own here
  'a@gmail.com',
  'a.b@gmail.com',
  'a..b@gmail.com',
  'a_b@gmail.com',
]

// ---------------------------------------------------------------------------------------------------------
// Measuring
// ---------------------------------------------------------------------------------------------------------

function send(port, { method, path, headers, content }) {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port, method, path, headers, agent: false })
    request.on('error', (error) => {
      if (error.code !== 'EPIPE') reject(error)
    })
    request.on('response', async (response) => {
      const chunks = []
      for await (const chunk of response) chunks.push(chunk)
      resolve({ status: response.statusCode, headers: response.headers, bytes: Buffer.concat(chunks) })
    })
    if (content === undefined) {
      if (!headers['transfer-encoding']) request.setHeader('content-length', 0)
      request.end()
    } else {
      const bytes = Buffer.from(content)
      if (!headers['transfer-encoding']) request.setHeader('content-length', bytes.length)
      request.end(bytes)
    }
  })
}

function recordedRequest({ method, path, headers, content }) {
  const recorded = { method, path, headers }
  if (content === undefined) return recorded
  const bytes = Buffer.from(content)
  const text = bytes.toString('utf8')
  if (Buffer.from(text).equals(bytes)) recorded.body = text
  else recorded.body_base64 = bytes.toString('base64')
  return recorded
}

function recordedReply({ status, headers, bytes }) {
  const kept = {}
  for (const name of RECORDED_HEADERS) if (headers[name] !== undefined) kept[name] = headers[name]
  let value = null
  try {
    value = JSON.parse(bytes.toString('utf8'))
  } catch {
    /* not JSON, or nothing at all */
  }
  if (value?.token !== undefined) {
    const claims = jwt.verify(value.token, SECRET)
    if (claims.exp - claims.iat !== 86400) throw new Error('a token does not live for 24 hours')
    value.token = '{{token}}'
  }
  return { status, headers: kept, body: value }
}

/** What came back, in words, for the names that end in "...". */
function verdict({ status, body: value }) {
  if (status === 200) return ' is accepted'
  const errors = Object.entries(value.errors).map(([field, { msg }]) => `${field} "${msg}"`)
  return ` is answered ${status} with ${errors.join(', ')}`
}

const emailOnly = body('email').isEmail()
async function judged(email) {
  try {
    return { email, valid: (await emailOnly.run({ body: { email } })).isEmpty() }
  } catch (error) {
    // A lone surrogate can make validator.js throw instead of answering.
    return { email, valid: false, throws: error.name }
  }
}

const server = http.createServer(app).listen(0, '127.0.0.1')
await once(server, 'listening')
const { port } = server.address()

const table = { cases: [], emails: [] }
const names = new Set()
for (const { name, request, given, decision } of cases) {
  if (names.has(name)) throw new Error(`two cases are named: ${name}`)
  names.add(name)
  users.clear()
  for (const first of given) {
    const reply = await send(port, first)
    if (reply.status !== 200) throw new Error(`a given request failed: ${name}`)
  }
  const reply = recordedReply(await send(port, request))
  const sentence = name.replace(/\.\.\.$/, () => verdict(reply))
  const recorded = {
    name: sentence,
    contract: CONTRACT,
    given: given.map(recordedRequest),
    request: recordedRequest(request),
    reply,
  }
  // A password that came back differs from what was decided, whatever the case was about.
  const echoed = reply.body?.errors?.password && 'value' in reply.body.errors.password
  const differs = decision ?? (echoed ? DECISIONS.passwordNotEchoed : undefined)
  if (differs) recorded.differs_by_decision = differs
  table.cases.push(recorded)
}
for (const email of new Set(emails)) table.emails.push(await judged(email))
server.close()

// One case on a line, in ASCII: invisible and unpaired characters stay visible, and differences readable.
const lines = (list) => list.map((item) => ascii(JSON.stringify(item))).join(',\n')
const versionOf = (name) => require(`${name}/package.json`).version
const recordedWith = {
  express: versionOf('express'),
  'express-validator': versionOf('express-validator'),
  validator: versionOf('validator'),
  node: process.versions.node,
}
process.stdout.write(
  `{"recorded_with":${JSON.stringify(recordedWith)},\n"cases":[\n${lines(table.cases)}\n],\n"emails":[\n${lines(table.emails)}\n]}\n`,
)
