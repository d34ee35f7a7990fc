import { readLegacyId } from './legacy-id.ts'
import { nameLegacyToken } from './legacy-session.ts'
import { toLegacySessionId } from './legacy-session-id.ts'
import type { ImportedRevocation, ImportedSession, Ports } from './ports.ts'
import { readTimestamp } from './read-timestamp.ts'

/** A row of a table in which another back end kept the tokens that it gave out, as it was read there. */
export type TokenRow = {
  readonly kind: 'authtoken' | 'knox' | 'outstanding' | 'blacklisted'
  readonly fields: Readonly<Record<string, unknown>>
}

/** What a row means here. */
export type ImportedToken =
  | { readonly session: ImportedSession }
  | { readonly revoked: ImportedRevocation }
  | { readonly reason: 'expired' | 'unreadable_token' }

/** Where rows come from, and what is done with them. */
export type TokenImport = {
  readonly source: string
  readonly now: number
  /** Seconds that an opaque key lives from when it was made, where its table does not say when it ends. */
  readonly tokenSeconds: number
  /** The claim by which signed tokens say whose they are, where it is not SimpleJWT's own. */
  readonly idClaim?: string | null
}

/** An account's id as `legacy_ids` has it. */
type Owner = { readonly source: string; readonly legacyId: string }

/** A token of SimpleJWT by what its table and its own text say. */
type Listed = { readonly legacyId: string; readonly tokenHash: string; readonly expiresAt: number }

/**
 * Reads a row of `authtoken_token`, `knox_authtoken` or of SimpleJWT's tables: a session that is alive, a token that was
 * revoked, or neither. A key is kept as its digest; what came as a digest is kept as it came.
 */
export function readImportedToken(
  { tokens }: Pick<Ports, 'tokens'>,
  { kind, fields }: TokenRow,
  options: TokenImport,
): ImportedToken {
  if (kind === 'authtoken') return readKey(tokens, fields, options)
  if (kind === 'knox') return readKnox(fields, options)
  const listed = readListed(tokens, fields, options.idClaim ?? 'user_id')
  if (listed === null) return { reason: 'unreadable_token' }
  if (listed.expiresAt <= options.now) return { reason: 'expired' }
  const { source } = options
  if (kind === 'blacklisted') return { revoked: { source, ...listed } }
  const createdAt = readTimestamp(fields.created_at) ?? options.now
  const id = toLegacySessionId(listed.tokenHash)
  return { session: { id, source, ...listed, kind: 'pair', contract: 'simplejwt', createdAt } }
}

function readKey(tokens: Ports['tokens'], fields: TokenRow['fields'], options: TokenImport): ImportedToken {
  const { key } = fields
  const legacyId = readLegacyId(fields.user)
  const createdAt = readTimestamp(fields.created)
  if (typeof key !== 'string' || !/^[0-9a-f]{40}$/.test(key) || legacyId === null || createdAt === null) {
    return { reason: 'unreadable_token' }
  }
  const expiresAt = createdAt + options.tokenSeconds * 1000
  return openKey({ source: options.source, legacyId }, { tokenHash: tokens.digest(key), createdAt, expiresAt }, options)
}

/** A digest that was made with a salt, as version 3 did, cannot be found by its token. */
function readKnox(fields: TokenRow['fields'], options: TokenImport): ImportedToken {
  const { digest, salt, expiry } = fields
  const legacyId = readLegacyId(fields.user)
  const createdAt = readTimestamp(fields.created)
  if (typeof digest !== 'string' || !/^[0-9a-f]{128}$/.test(digest) || legacyId === null || createdAt === null) {
    return { reason: 'unreadable_token' }
  }
  if (typeof salt === 'string' && salt !== '') return { reason: 'unreadable_token' }
  const isEndless = expiry === null || expiry === undefined || expiry === ''
  const expiresAt = isEndless ? createdAt + options.tokenSeconds * 1000 : readTimestamp(expiry)
  if (expiresAt === null) return { reason: 'unreadable_token' }
  return openKey({ source: options.source, legacyId }, { tokenHash: digest, createdAt, expiresAt }, options)
}

function openKey(
  owner: Owner,
  key: Pick<ImportedSession, 'tokenHash' | 'createdAt' | 'expiresAt'>,
  { now }: TokenImport,
): ImportedToken {
  if (key.expiresAt <= now) return { reason: 'expired' }
  return { session: { id: toLegacySessionId(key.tokenHash), ...owner, kind: 'key', contract: 'drf-token', ...key } }
}

/**
 * What tells a refresh token from all others is its `jti`: the text in the table lacks what the project added to the token
 * afterwards. Whose it is the text says as the token will; the column says it as the account's own table does, but is empty
 * where the token was only blacklisted.
 */
function readListed(tokens: Ports['tokens'], fields: TokenRow['fields'], idClaim: string): Listed | null {
  const claims = readPayload(fields.token)
  const id = fields.jti
  const claimed = readLegacyId(claims?.[idClaim]) ?? readLegacyId(fields.user)
  const legacyId = readLegacyId(fields.user) ?? claimed
  const expiresAt = readTimestamp(fields.expires_at)
  if (typeof id !== 'string' || id === '' || claimed === null || legacyId === null || expiresAt === null) return null
  // A sliding token is for access and for refreshing in one: there is nothing of the kind here.
  if (claims !== null && claims.token_type !== 'refresh') return null
  const name = nameLegacyToken({ contract: 'simplejwt', use: 'refresh', legacyId: claimed, id })
  return { legacyId, tokenHash: tokens.digest(name), expiresAt }
}

/** What a token says, unproved: it stood in a table that is believed. */
function readPayload(token: unknown): Readonly<Record<string, unknown>> | null {
  if (typeof token !== 'string') return null
  try {
    const [, part = ''] = token.split('.')
    const value: unknown = JSON.parse(atob(part.replaceAll('-', '+').replaceAll('_', '/')))
    return typeof value === 'object' && value !== null ? { ...value } : null
  } catch {
    return null
  }
}
