import type { Config } from './config.ts'
import { findLegacyConflicts } from './legacy-secrets.ts'
import { findLegacyServerConflicts } from './legacy-servers.ts'
import { isLoopback } from './read-addresses.ts'
import { describeDatabase, isOnServer } from './read-database-url.ts'
import { findWebhookFault } from './read-webhook.ts'
import { SETTINGS } from './settings.ts'

/** The lives of an access token and of its session. */
const PAIRS = [
  ['simplejwtAccessSeconds', 'simplejwtRefreshSeconds'],
  ['v1AccessSeconds', 'v1RefreshSeconds'],
] as const

/** What is wrong between settings that are each sound on their own; those that are not are left out of `known`. */
export function findConflicts(known: Partial<Config>): string[] {
  const { contracts, sharedPathsDefault, limits, host } = known
  const problems: string[] = []
  if (contracts !== undefined && sharedPathsDefault !== undefined && !contracts.includes(sharedPathsDefault)) {
    problems.push(
      `${SETTINGS.sharedPathsDefault.name} names a contract that is not served: choose one of ${contracts.join(', ')}.`,
    )
  }
  for (const [access, refresh] of PAIRS) {
    if ((known[access] ?? 0) <= (known[refresh] ?? Number.POSITIVE_INFINITY)) continue
    problems.push(
      `${SETTINGS[access].name} is longer than ${SETTINGS[refresh].name}: ` +
        'an access token may not outlive its session. Shorten the one or lengthen the other.',
    )
  }
  if (limits === false && host !== undefined && !isLoopback(host)) {
    problems.push(
      `${SETTINGS.limits.name} may be off only while ${SETTINGS.host.name} is loopback (127.0.0.1, ::1, localhost): ` +
        'on a network, anyone could guess passwords without end. Remove it, or listen on loopback.',
    )
  }
  if (known.databaseUrl !== undefined && isOnServer({ databaseUrl: known.databaseUrl })) {
    if (
      typeof known.databasePassword === 'string' &&
      describeDatabase({ databaseUrl: known.databaseUrl }) !== known.databaseUrl
    ) {
      problems.push(
        `${SETTINGS.databasePassword.name} is set, and ${SETTINGS.databaseUrl.name} has a password too: keep one of them.`,
      )
    }
    if (known.secret === null) {
      problems.push(
        `${SETTINGS.secret.name} is missing: on PostgreSQL every process needs the same one, so none can make it. ` +
          'Make one with: openssl rand -base64 48',
      )
    }
  } else if (typeof known.databasePassword === 'string') {
    problems.push(
      `${SETTINGS.databasePassword.name} is set, but ${SETTINGS.databaseUrl.name} is not PostgreSQL: remove one.`,
    )
  }
  if (known.mailUrl !== undefined && known.mailUrl !== null) {
    for (const key of ['mailFrom', 'resetUrl', 'verifyUrl'] as const) {
      if (known[key] !== null) continue
      problems.push(`${SETTINGS[key].name} is missing: ${SETTINGS.mailUrl.name} is set, and letters need it.`)
    }
  }
  if (typeof known.webhookUrl === 'string') {
    const fault = findWebhookFault(known.webhookUrl, { allowPrivate: known.webhookAllowPrivate === true })
    if (fault !== null) problems.push(`${SETTINGS.webhookUrl.name} ${fault}`)
    if (known.webhookSecrets?.length === 0) {
      problems.push(
        `${SETTINGS.webhookSecrets.name} is missing: ${SETTINGS.webhookUrl.name} is set, and events are signed. ` +
          'Make one with: echo "whsec_$(openssl rand -base64 32)"',
      )
    }
  }
  return [...problems, ...findLegacyConflicts(known), ...findLegacyServerConflicts(known)]
}
