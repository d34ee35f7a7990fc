import type { AuditEventType } from './audit-event.ts'
import { AuthError } from './errors.ts'
import type { Ports, ServiceClient } from './ports.ts'

/** What a name may be: safe in a shell, a table and a log, and never taken for an id. */
const NAME = /^(?!svc_)[a-z][a-z0-9._-]{0,63}$/
/** How secrets begin, so that one that is found in a place where it should not be can be told for what it is. */
const SECRET_PREFIX = 'lks_'
const ID_PREFIX = 'svc_'

type OperatorPorts = Pick<Ports, 'store' | 'tokens' | 'audit' | 'now'>

/** Whether a service may be called so. */
export function isServiceName(text: string): boolean {
  return NAME.test(text)
}

/**
 * Registers a service. Its secret is told here and never again: only its SHA-256 is kept.
 *
 * @returns `null` when another service has the name.
 * @throws {AuthError} `invalid_input` for what can be no name.
 */
export async function createServiceClient(
  { store, tokens, audit, now }: OperatorPorts,
  { name, mayRevoke }: { name: string; mayRevoke: boolean },
): Promise<{ client: ServiceClient; secret: string } | null> {
  if (!isServiceName(name))
    throw new AuthError('invalid_input', { problems: [{ field: 'name', rule: 'invalid_value' }] })
  const secret = makeSecret(tokens)
  const id = `${ID_PREFIX}${tokens.makeTokenId().slice(0, 16)}`
  const client = { id, name, mayRevoke, createdAt: now(), rotatedAt: null, previousUntil: null }
  if (!(await store.addServiceClient({ ...client, secretHash: tokens.digest(secret) }))) return null
  record({ audit }, 'service_client_created', client, { may_revoke: String(mayRevoke) })
  return { client, secret }
}

/** Finds a service by its id or its name. */
export async function findServiceClient({ store }: Pick<Ports, 'store'>, text: string): Promise<ServiceClient | null> {
  // Nothing else can be either, and not every text can be put to a database.
  const name = text.startsWith(ID_PREFIX) ? null : text
  if (name !== null && !isServiceName(name)) return null
  if (name === null && !isServiceId(text)) return null
  const found = await store.findServiceClient(name === null ? { by: 'id', id: text } : { by: 'name', name })
  return found?.client ?? null
}

/** Whether a text has the shape of a service's id. */
export function isServiceId(text: string): boolean {
  return /^svc_[0-9a-f]{16}$/.test(text)
}

/** All services, by name. */
export async function listServiceClients({ store }: Pick<Ports, 'store'>): Promise<readonly ServiceClient[]> {
  return store.listServiceClients()
}

/**
 * Gives a service a new secret, told here and never again.
 *
 * @param options.grace how long the secret before stays good, in milliseconds; 0 for not at all.
 * @returns `null` when there is no such service.
 */
export async function rotateServiceSecret(
  { store, tokens, audit, now }: OperatorPorts,
  id: string,
  { grace }: { grace: number },
): Promise<{ client: ServiceClient; secret: string } | null> {
  const secret = makeSecret(tokens)
  const time = now()
  const client = await store.replaceServiceSecret({
    id,
    secretHash: tokens.digest(secret),
    previousUntil: grace > 0 ? time + grace : null,
    now: time,
  })
  if (client === null) return null
  record({ audit }, 'service_client_secret_rotated', client, { grace_seconds: String(Math.floor(grace / 1000)) })
  return { client, secret }
}

/** Deletes a service: from then on nobody is told anything for its secret. Says whether there was one. */
export async function deleteServiceClient(
  { store, audit }: Pick<Ports, 'store' | 'audit'>,
  client: ServiceClient,
): Promise<boolean> {
  const deleted = await store.deleteServiceClient(client.id)
  if (deleted) record({ audit }, 'service_client_deleted', client)
  return deleted
}

/** 256 bits from the system's generator. */
function makeSecret(tokens: OperatorPorts['tokens']): string {
  return `${SECRET_PREFIX}${tokens.makeSecret()}`
}

function record(
  { audit }: Pick<Ports, 'audit'>,
  type: AuditEventType,
  { id, name }: ServiceClient,
  more: Readonly<Record<string, string>> = {},
): void {
  audit.record({ type, actor: 'operator', accountId: null, client: null, detail: { service: id, name, ...more } })
}
