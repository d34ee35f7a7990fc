import type { Ports } from './ports.ts'
import type { Client } from './session.ts'

/** Fields by which servers that store what they are sent have been talked into rights that nobody gave. */
const PRIVILEGED_FIELDS = [
  'is_staff',
  'is_superuser',
  'is_admin',
  'isAdmin',
  'admin',
  'role',
  'roles',
  'groups',
  'permissions',
  'user_permissions',
  'email_verified',
  'emailVerified',
  'is_verified',
  'isVerified',
] as const

/** What asks for nothing. */
const NOTHING: ReadonlySet<unknown> = new Set([undefined, null, false, 'false', ''])

/** The names among a body's fields that ask for rights. No door gives any: they are ignored, and told to the operator. */
export function findPrivilegedFields(fields: ReadonlyMap<string, unknown>): readonly string[] {
  return PRIVILEGED_FIELDS.filter((name) => !NOTHING.has(fields.get(name)))
}

/** Records that a request asked for rights and got none. */
export function recordPrivileged(
  { audit }: Pick<Ports, 'audit'>,
  {
    fields,
    isOwner,
    accountId,
    client,
  }: { fields: readonly string[]; isOwner: boolean; accountId: number; client: Client },
): void {
  if (fields.length === 0) return
  const actor = isOwner ? { accountId } : 'anonymous'
  audit.record({ type: 'privileged_field_ignored', actor, accountId, client, detail: { field: fields.join(' ') } })
}
