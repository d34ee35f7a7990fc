import { setTimeout as sleep } from 'node:timers/promises'
import { LOGINS, loginOf, REGISTRATIONS, refreshTokenOf, registrationOf, tokenOf } from '../kit/doors.ts'
import { findShapeFlaws, voiceOf } from '../kit/voices.ts'
import type { WireAnswer } from '../kit/wire.ts'
import type { Answered, Asked } from './ledger.ts'
import { type Account, personOf } from './model.ts'

/** How long a client waits for an answer, in milliseconds. Longer than anything in the server does. */
const PATIENCE = 30_000

export type WireRequest = {
  readonly method: string
  readonly path: string
  readonly authorization?: string
  readonly json?: unknown
}

/** What one request came to: `flaws` says what no answer may be, whatever the fault. */
export type Outcome = { readonly answered: Answered; readonly flaws: readonly string[] }

/** The request that asks for it, by the contracts' own routes. `null` for what only an operator can do. */
export function requestOf(account: Account, asked: Asked): WireRequest | null {
  const session = 'session' in asked ? account.sessions.get(asked.session) : undefined
  switch (asked.what) {
    case 'register': {
      const door = REGISTRATIONS[asked.door]
      if (door === undefined) throw new Error('There is no such door.')
      return registrationOf(door, personOf({ word: account.word, password: asked.password }))
    }
    case 'login': {
      const door = LOGINS[asked.door]
      const [name] = account.names
      if (door === undefined || name === undefined) throw new Error('There is no such door, or no name for it.')
      return loginOf(door, name, asked.password)
    }
    case 'check':
      return { method: 'GET', path: '/v1/session', authorization: `Bearer ${session?.access}` }
    case 'refresh':
      return { method: 'POST', path: '/api/users/token/refresh/', json: { refresh: session?.refresh } }
    case 'logout':
      switch (asked.way) {
        case 'drf-token':
          return { method: 'POST', path: '/api/users/logout/', authorization: `Token ${session?.access}` }
        case 'simplejwt':
          return { method: 'POST', path: '/api/users/logout/', authorization: `Bearer ${session?.access}` }
        case 'v1':
          return { method: 'DELETE', path: '/v1/session', authorization: `Bearer ${session?.access}` }
        case 'blacklist':
          return { method: 'POST', path: '/api/users/token/blacklist/', json: { refresh: session?.refresh } }
      }
      break
    case 'change':
      return {
        method: 'POST',
        path: '/api/users/password/change/',
        authorization: `Token ${session?.access}`,
        json: { old_password: asked.from, new_password1: asked.to, new_password2: asked.to },
      }
    case 'disable':
    case 'enable':
      return null
  }
  return null
}

/** Sends a request to a running server; a connection that breaks is an answer too. */
export async function send(
  url: string,
  request: WireRequest,
): Promise<Outcome & { readonly answer: WireAnswer | null }> {
  const answer = await fetchAnswer(url, request)
  if (answer === null) return { answer, answered: { status: 0 }, flaws: [] }
  const flaws = findShapeFlaws(voiceOf(request.path), request.method, answer)
  if (answer.status >= 300) return { answer, answered: { status: answer.status }, flaws }
  return { answer, answered: { status: answer.status, ...tokensOf(answer) }, flaws }
}

/** Waits until a server answers at all, or the caller has enough of it. */
export async function untilUp(url: () => string, isEnough: () => boolean = () => false): Promise<void> {
  while (!isEnough()) {
    const answer = await fetchAnswer(url(), { method: 'GET', path: '/healthz' })
    if (answer?.status === 200) return
    await sleep(20)
  }
}

async function fetchAnswer(
  url: string,
  { method, path, authorization, json }: WireRequest,
): Promise<WireAnswer | null> {
  const headers: Record<string, string> = {}
  if (authorization !== undefined) headers.authorization = authorization
  if (json !== undefined) headers['content-type'] = 'application/json'
  try {
    const response = await fetch(url + path, {
      method,
      headers,
      signal: AbortSignal.timeout(PATIENCE),
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    })
    const text = await response.text()
    return { status: response.status, headers: Object.fromEntries(response.headers), text, json: parse(text) }
  } catch (error) {
    if (error instanceof Error && error.name === 'TimeoutError') {
      throw new Error(`${method} ${path} was not answered within ${PATIENCE / 1000} s.`, { cause: error })
    }
    return null
  }
}

function tokensOf(answer: WireAnswer): { access?: string; refresh?: string } {
  try {
    const refresh = refreshTokenOf(answer)
    return { access: tokenOf(answer), ...(refresh === null ? {} : { refresh }) }
  } catch {
    return {}
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
