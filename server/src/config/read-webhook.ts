import { isIP } from 'node:net'
import { AUDIT_EVENT_TYPES, type AuditEventType } from '../core/audit-event.ts'
import { judgeAddress } from '../webhooks/judge-address.ts'
import type { Config } from './config.ts'
import { findNearest } from './find-nearest.ts'
import { readList } from './read-values.ts'
import type { Reading } from './setting.ts'

/**
 * What a team's other programs act on. What strangers can make happen as often as they like, such as failing logins, is
 * to be asked for by name.
 */
export const DEFAULT_WEBHOOK_EVENTS: readonly AuditEventType[] = [
  'account_registered',
  'account_enabled',
  'account_disabled',
  'account_deleted',
  'profile_changed',
  'email_verified',
  'password_changed',
  'sessions_ended',
  'revoked_token_used',
  'database_restored',
  'audit_events_lost',
]

/** Stands for every event there is. */
const ALL = 'all'

const PREFIX = 'whsec_'
const FEWEST_BYTES = 24
const MOST_BYTES = 64
const FEWEST_DISTINCT = 12
const ADVICE = 'Make one with: echo "whsec_$(openssl rand -base64 32)"'

/** Where events are told: an address without a name and password, which would be a second secret in a second place. */
export function readWebhookUrl(text: string): Reading<string | null> {
  if (text === '') return { value: null }
  const url = URL.parse(text)
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    return { problems: ['is no place for a webhook: write an address like https://app.example.com/latchkey-events.'] }
  }
  if (url.username !== '' || url.password !== '') {
    return { problems: ['may not hold a user name or a password: the signature tells who is calling.'] }
  }
  return /#/.test(text) ? { problems: ['may not have a # in it: nothing after it is sent.'] } : { value: url.href }
}

/** One secret, or the new one and the old one while they are changed. */
export function readWebhookSecrets(text: string): Reading<readonly string[]> {
  const secrets = text.split(/\s+/).filter((secret) => secret !== '')
  if (secrets.length > 2) return { problems: ['may hold two secrets at most: the new one, a space, and the old one.'] }
  const problem = secrets.map(findSecretProblem).find((found) => found !== null)
  return problem === undefined ? { value: secrets } : { problems: [problem] }
}

function findSecretProblem(secret: string): string | null {
  const text = secret.slice(PREFIX.length)
  const bytes = Buffer.from(text, 'base64')
  if (!secret.startsWith(PREFIX) || bytes.toString('base64') !== text) {
    return `must be whsec_ and then base64, as the Standard Webhooks specification has it. ${ADVICE}`
  }
  if (bytes.length < FEWEST_BYTES || bytes.length > MOST_BYTES) {
    return `must hold ${FEWEST_BYTES} to ${MOST_BYTES} bytes. ${ADVICE}`
  }
  return new Set(bytes).size < FEWEST_DISTINCT ? `is a repetition, which is easy to guess. ${ADVICE}` : null
}

/** The events that are told, by their names in the audit log. */
export function readWebhookEvents(text: string): Reading<readonly AuditEventType[]> {
  const reading = readList(text, readEvent)
  if ('problems' in reading) return reading
  const named = reading.value.filter((event) => event !== ALL)
  if (named.length < reading.value.length) return { value: AUDIT_EVENT_TYPES }
  return named.length > 0 ? { value: named } : { problems: ['names no event: name one, or remove it.'] }
}

function readEvent(entry: string): Reading<AuditEventType | typeof ALL> {
  const known = [...AUDIT_EVENT_TYPES, ALL] as const
  const event = known.find((name) => name === entry.toLowerCase())
  if (event !== undefined) return { value: event }
  const nearest = findNearest(entry, known)
  const hint = nearest === null ? `Name one of ${known.join(', ')}.` : `Did you mean ${nearest}?`
  return { problems: [`is no event of the audit log. ${hint}`] }
}

/** Whether the webhook is to be told of such events. */
export function isToldOf(type: AuditEventType, { webhookUrl, webhookEvents }: Config): boolean {
  return webhookUrl !== null && webhookEvents.includes(type)
}

/** A webhook's address without what may be secret in it. */
export function describeWebhook(url: string): string {
  const { origin, pathname, search } = new URL(url)
  return pathname === '/' && search === '' ? origin : `${origin}/********`
}

/**
 * Why nothing can be told there, continuing a sentence that begins with the setting's name, or `null`. Where a name
 * leads is seen when something is sent.
 */
export function findWebhookFault(url: string, { allowPrivate }: { allowPrivate: boolean }): string | null {
  const { protocol, hostname } = new URL(url)
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  if (protocol === 'http:' && !allowPrivate) {
    return 'is not https, so what it is told would travel in the open. Only in a network of your own, with LATCHKEY_WEBHOOK_ALLOW_PRIVATE=true, may it be http.'
  }
  if (isIP(host) === 0) return null
  const verdict = judgeAddress(host)
  if (verdict === 'never') return 'is at an address where no webhook can be: correct it.'
  if (verdict === 'private' && !allowPrivate) {
    return 'is at a private address: set LATCHKEY_WEBHOOK_ALLOW_PRIVATE=true if that is where your webhook is.'
  }
  return verdict === 'public' && protocol === 'http:' ? 'is at a public address: use https there.' : null
}
