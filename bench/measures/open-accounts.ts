import { askOnce } from '../tools/ask-once.ts'
import { writeRequest } from '../tools/write-request.ts'

/** Some accounts with what their owners would send. */
export type Accounts = {
  /** Logins by document 002: one signature-free key each. */
  readonly keyLogins: readonly string[]
  /** Logins by document 004: two signed tokens each. */
  readonly pairLogins: readonly string[]
}

const PASSWORD = 'Correct-horse-7-battery'

/** Registers accounts at a fresh server. */
export async function openAccounts(port: number, count: number): Promise<Accounts> {
  const emails = Array.from({ length: count }, (_, index) => `owner-${index}@example.com`)
  for (const email of emails) {
    const names = { first_name: 'Ada', last_name: 'Owner' }
    const passwords = { password1: PASSWORD, password2: PASSWORD }
    await expectStatus(port, 201, '/api/users/registration/', { email, ...names, ...passwords })
  }
  return {
    keyLogins: emails.map((email) => writeLogin({ email, password: PASSWORD })),
    pairLogins: emails.map((username) => writeLogin({ username, password: PASSWORD })),
  }
}

/** Logs every account in and gives back its tokens. */
export async function openTokens(port: number, accounts: Accounts): Promise<{ key: string[]; jwt: string[] }> {
  const key: string[] = []
  const jwt: string[] = []
  for (const login of accounts.keyLogins) key.push(await logIn(port, login, 'key'))
  for (const login of accounts.pairLogins) jwt.push(await logIn(port, login, 'access'))
  return { key, jwt }
}

/** Logs every account in and gives back a request for `GET /v1/session` with each token. */
export async function openChecks(port: number, accounts: Accounts): Promise<{ key: string[]; jwt: string[] }> {
  const { key, jwt } = await openTokens(port, accounts)
  return { key: key.map(writeCheck), jwt: jwt.map(writeCheck) }
}

function writeLogin(body: object): string {
  return writeRequest({ method: 'POST', path: '/api/users/login/', body })
}

/** Asks whose a token is. */
export function writeCheck(token: string): string {
  return writeRequest({ method: 'GET', path: '/v1/session', token })
}

async function logIn(port: number, login: string, field: string): Promise<string> {
  const { status, body } = await askOnce(port, login)
  if (status !== 200) throw new Error(`A login was answered with ${status}: ${body}`)
  return String(JSON.parse(body)[field])
}

async function expectStatus(port: number, expected: number, path: string, content: object): Promise<void> {
  const { status, body } = await askOnce(port, writeRequest({ method: 'POST', path, body: content }))
  if (status !== expected) throw new Error(`${path} was answered with ${status}: ${body}`)
}
