import { findNearest } from '../config/find-nearest.ts'
import { AUDIT_EVENT_TYPES, type AuditEventType } from '../core/audit-event.ts'
import type { Core } from '../core/core.ts'
import { networkOf } from '../core/network.ts'
import type { AuditFilter } from '../core/ports.ts'
import { truncateNetwork } from '../core/truncate-network.ts'
import type { Option } from './command.ts'
import { noSuchAccount } from './find-account.ts'
import { makePrintable } from './print.ts'
import { readTime } from './read-time.ts'
import { UsageError } from './refusals.ts'

/** The options by which entries of the audit log are chosen. */
export const AUDIT_FILTER_OPTIONS = {
  type: { type: 'string', value: 'TYPES', help: 'Only events of these types, a comma list.' },
  account: {
    type: 'string',
    value: 'ACCOUNT',
    help: 'Only what happened to this account; one that is deleted is found by its id.',
  },
  network: {
    type: 'string',
    value: 'NETWORK',
    help: 'Only what came from this network, or from that of this address.',
  },
  since: {
    type: 'string',
    value: 'TIME',
    help: 'Only what happened since: 2026-11-21, 2026-11-21T14:30Z, 2h or 7d ago.',
  },
  until: { type: 'string', value: 'TIME', help: 'Only what happened before.' },
} as const satisfies Readonly<Record<string, Option>>

/** What help says of these options. */
export const AUDIT_FILTER_NOTES: readonly string[] = [
  'ACCOUNT is an id, an email or a username. Times are UTC.',
  `TYPES are among: ${AUDIT_EVENT_TYPES.join(', ')}.`,
]

type FilterName = keyof typeof AUDIT_FILTER_OPTIONS

/** Which entries were asked for, as far as the command line tells. */
export type AskedFilter = Omit<AuditFilter, 'after' | 'limit' | 'accountId'> & { readonly account?: string }

/**
 * Reads which entries are asked for.
 *
 * @throws {UsageError}
 */
export function readAuditFilter(args: { text(name: FilterName): string | undefined }): AskedFilter {
  const now = Date.now()
  const given = { type: args.text('type'), account: args.text('account'), network: args.text('network') }
  const since = args.text('since')
  const until = args.text('until')
  return {
    ...(given.type === undefined ? {} : { types: given.type.split(',').map(readType) }),
    ...(given.account === undefined ? {} : { account: given.account }),
    ...(given.network === undefined ? {} : { networks: spellNetwork(given.network) }),
    ...(since === undefined ? {} : { since: readTime(since, { name: 'since', now }) }),
    ...(until === undefined ? {} : { until: readTime(until, { name: 'until', now }) }),
  }
}

/**
 * The filter with the account found. What was done to an account is told after it is gone: then only its id finds it.
 *
 * @throws {CommandFailure} when there is no such account.
 */
export async function completeFilter(
  core: Core,
  { account, ...filter }: AskedFilter,
): Promise<Omit<AuditFilter, 'after' | 'limit'>> {
  if (account === undefined) return filter
  const found = await core.administration.findAccount(account)
  if (found !== null) return { ...filter, accountId: found.id }
  if (/^[1-9]\d{0,14}$/.test(account)) return { ...filter, accountId: Number(account) }
  throw noSuchAccount(account)
}

function readType(text: string): AuditEventType {
  const type = AUDIT_EVENT_TYPES.find((known) => known === text.trim())
  if (type !== undefined) return type
  const nearest = findNearest(text, AUDIT_EVENT_TYPES)
  throw new UsageError(
    `There is no event "${makePrintable(text)}".${nearest === null ? '' : ` Did you mean ${nearest}?`}`,
  )
}

/**
 * An address's network, or a network as the log shows it; in full and truncated, as LATCHKEY_AUDIT_ADDRESSES may have
 * been changed.
 *
 * @throws {UsageError} for what the log cannot have: an empty answer would read as "nothing came from there".
 */
function spellNetwork(text: string): string[] {
  const given = text.trim().toLowerCase()
  const [address = '', length] = given.split('/')
  const network = networkOf(address)
  if (network === null) {
    throw new UsageError('--network: loopback is no network, so what came from there is in the log without one.')
  }
  const widths = network.includes(':') ? { own: '64', wider: '48' } : { own: '32', wider: '24' }
  const isWritten = network === 'unknown' ? given === network : [undefined, widths.own, widths.wider].includes(length)
  if (!isWritten || given.split('/').length > 2) {
    throw new UsageError(
      '--network takes an address such as 192.0.2.7 or 2001:db8::1, or a network as audit list shows it: no wider one.',
    )
  }
  const wider = truncateNetwork(network)
  return length === widths.wider ? [wider] : [...new Set([network, wider])]
}
