import type { ListedKey } from '../core/signing-keys.ts'
import { showTime } from './print.ts'

/** A key in a line of a table. */
export function keyToRow({ kid, algorithm, state, activeFrom, createdAt, endsAt }: ListedKey): readonly string[] {
  return [kid, algorithm, state, showTime(createdAt), showTime(Math.max(activeFrom, createdAt)), showTime(endsAt)]
}

/** The headings of such a table. */
export const KEY_HEADINGS = ['KID', 'ALGORITHM', 'STATE', 'ADDED', 'SIGNS FROM', 'TOKENS END']

/** A key in JSON. */
export function keyToJson(key: ListedKey): Readonly<Record<string, unknown>> {
  const { kid, algorithm, state, createdAt, activeFrom, retiredAt, revokedAt, endsAt } = key
  return {
    kid,
    algorithm,
    state,
    created_at: showTime(createdAt),
    // One of version 0.1.0 has signed since it was made, and says nothing of it.
    active_from: showTime(Math.max(activeFrom, createdAt)),
    retired_at: retiredAt === null ? null : showTime(retiredAt),
    revoked_at: revokedAt === null ? null : showTime(revokedAt),
    ends_at: endsAt === null ? null : showTime(endsAt),
  }
}
