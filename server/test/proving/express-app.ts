import { createHash } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import express, { type NextFunction, type Request, type Response } from 'express'
import jwt from 'jsonwebtoken'
import validator from 'validator'
import type { Tried } from './servers.ts'

type Failure = { value?: unknown; msg: string; param: string; location: 'body' }

/** A back end of document 003 on real Express, with what express-validator's `mapped()` would answer written out. */
export async function startExpress(): Promise<Tried> {
  const users = new Map<string, { readonly id: number; readonly hash: string }>()
  const app = express()
  app.disable('x-powered-by')
  app.use(express.json())
  app.use(express.urlencoded({ extended: false }))
  app.post('/api/auth/register', (request, response) => {
    const { name, email, password } = read(request)
    const failures = {
      ...check('name', name, () => null),
      ...check(
        'email',
        email,
        (text) => judgeEmail(text) ?? (users.has(text.toLowerCase()) ? 'Email already exists!' : null),
      ),
      ...check('password', password, (text) => (text.length < 8 ? 'Password must be at least 8 characters!' : null)),
    }
    if (Object.keys(failures).length > 0) return refuse(response, failures)
    const user = { id: users.size + 1, hash: digest(String(password)) }
    users.set(String(email).toLowerCase(), user)
    response.json({ status: 'success', token: sign(user.id) })
  })
  app.post('/api/auth/login', (request, response) => {
    const { email, password } = read(request)
    const failures = { ...check('email', email, judgeEmail), ...check('password', password, () => null) }
    if (Object.keys(failures).length > 0) return refuse(response, failures)
    const user = users.get(String(email).toLowerCase())
    if (user === undefined) return refuse(response, { main: { value: email, msg: "User doesn't exist" } })
    if (user.hash !== digest(String(password))) return refuse(response, { main: { msg: 'user password incorrect' } })
    response.json({ status: 'success', token: sign(user.id) })
  })
  app.use((_request, response) => {
    response.status(404).json({ status: 'fail', errors: { main: { msg: 'Not Found' } } })
  })
  app.use((error: Error & { status?: number }, _request: Request, response: Response, _next: NextFunction) => {
    response.status(error.status ?? 500).json({ status: 'fail', errors: { main: { msg: error.message } } })
  })
  const server = app.listen(0, '127.0.0.1')
  await new Promise<void>((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, close: () => new Promise((resolve) => server.close(() => resolve())) }
}

function read(request: Request): Record<string, unknown> {
  return typeof request.body === 'object' && request.body !== null ? request.body : {}
}

/** The first error of a field, with its value, passwords included, as express-validator has it. */
function check(param: string, value: unknown, judge: (text: string) => string | null): Record<string, Failure> {
  const required = `${param.slice(0, 1).toUpperCase()}${param.slice(1)} is required!`
  const wrong = param === 'email' ? 'Email format invalid!' : required
  const isMissing = value === undefined || value === null || value === ''
  const msg = isMissing ? required : typeof value === 'string' ? judge(value) : wrong
  if (msg === null) return {}
  return { [param]: { ...(value === undefined ? {} : { value }), msg, param, location: 'body' } }
}

function judgeEmail(text: string): string | null {
  return validator.isEmail(text) ? null : 'Email format invalid!'
}

function refuse(response: Response, errors: unknown): void {
  response.status(400).json({ status: 'fail', errors })
}

function digest(password: string): string {
  return createHash('sha256').update(password).digest('hex')
}

function sign(id: number): string {
  return jwt.sign({ id }, 'a secret that only this test has', { expiresIn: '24h' })
}
