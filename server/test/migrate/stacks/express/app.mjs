// A back end as document 003 describes it: Express, bcryptjs and jsonwebtoken. Its users are documents as Mongoose keeps
// them, in a file (USERS_FILE) that is what `mongoexport` writes of such a collection: a line of extended JSON each.

import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import bcrypt from 'bcryptjs'
import express from 'express'
import jwt from 'jsonwebtoken'
import { checkPassword } from './check-password.mjs'
import { requireUser } from './require-user.mjs'

const { JWT_SECRET = '', USERS_FILE = '' } = process.env
const EMAIL = /^[^\s@]+@[^\s@]+\.[a-z]+$/i

const users = existsSync(USERS_FILE) ? readFileSync(USERS_FILE, 'utf8').split('\n').filter(Boolean).map(read) : []

const auth = express.Router()

auth.post('/register', async (req, res) => {
  const { name, email, password } = req.body ?? {}
  const errors = { ...nameErrors(name), ...emailErrors(email), ...passwordErrors(password, 8) }
  if (errors.email === undefined && find(email)) errors.email = fieldError('email', 'Email already exists!', email)
  if (Object.keys(errors).length > 0) return res.status(400).json({ status: 'fail', errors })
  const user = add({ name, email, password: await bcrypt.hash(password, 10) })
  res.json({ status: 'success', token: tokenFor(user) })
})

auth.post('/login', async (req, res) => {
  const { email, password } = req.body ?? {}
  const errors = { ...emailErrors(email), ...passwordErrors(password, 1) }
  if (Object.keys(errors).length > 0) return res.status(400).json({ status: 'fail', errors })
  const user = find(email)
  if (!user) {
    return res.status(400).json({ status: 'fail', errors: { main: { value: email, msg: "User doesn't exist" } } })
  }
  if (!(await checkPassword(password, user.password))) {
    return res.status(400).json({ status: 'fail', errors: { main: { msg: 'user password incorrect' } } })
  }
  res.json({ status: 'success', token: tokenFor(user) })
})

const app = express()
app.disable('x-powered-by')
app.disable('etag')
app.use(express.json({ limit: '16kb' }))
app.use('/api/auth', auth)
// What the app is there for, and what stays with it after the move.
app.get('/api/notes', requireUser(findUser), (req, res) => {
  res.json({ notes: [`a note of ${req.user.email}`] })
})

app.use((_req, res) => res.status(404).json({ status: 'fail', errors: { main: { msg: 'Not Found' } } }))
app.use((error, _req, res, _next) => {
  res.status(error.status ?? 500).json({ status: 'fail', errors: { main: { msg: error.message } } })
})

const server = app.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`))

function find(email) {
  return users.find((user) => user.email.toLowerCase() === String(email).toLowerCase())
}

/** By the document's own id, or by the address; else there is one now. */
function findUser({ id, email, name }) {
  return users.find(({ _id }) => _id === id) ?? find(email) ?? add({ name, email, password: '' })
}

function add(fields) {
  const now = new Date().toISOString()
  const user = { _id: randomBytes(12).toString('hex'), ...fields, createdAt: now, updatedAt: now }
  users.push(user)
  writeFileSync(USERS_FILE, users.map(write).join(''))
  return user
}

function tokenFor(user) {
  return jwt.sign({ id: user._id }, JWT_SECRET, { expiresIn: '24h' })
}

function read(line) {
  const { _id, createdAt, updatedAt, ...rest } = JSON.parse(line)
  return { ...rest, _id: _id.$oid, createdAt: createdAt?.$date, updatedAt: updatedAt?.$date }
}

function write({ _id, name, email, password, createdAt, updatedAt }) {
  const dates = { createdAt: { $date: createdAt }, updatedAt: { $date: updatedAt }, __v: 0 }
  return `${JSON.stringify({ _id: { $oid: _id }, name, email, password, ...dates })}\n`
}

function nameErrors(name) {
  return name ? {} : { name: fieldError('name', 'Name is required!', name) }
}

function emailErrors(email) {
  if (!email) return { email: fieldError('email', 'Email is required!', email) }
  return EMAIL.test(email) ? {} : { email: fieldError('email', 'Email format invalid!', email) }
}

function passwordErrors(password, least) {
  if (!password) return { password: fieldError('password', 'Password is required!') }
  if (password.length >= least) return {}
  return { password: fieldError('password', 'Password must be at least 8 characters!') }
}

/** As express-validator 6 writes one, but that a password is never echoed. */
function fieldError(param, msg, value) {
  return { ...(value === undefined ? {} : { value }), msg, param, location: 'body' }
}
