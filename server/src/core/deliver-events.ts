import type { ChainedAuditEntry, DueDelivery, Ports, Webhook, WebhookMessage } from './ports.ts'

/** How long an event is left to whoever took it, before it is told again, in milliseconds. Doubles each time. */
const FIRST_LEASE = 60_000
/** After so many tries, which take almost three days, an event is given up. */
const MOST_TRIES = 13

/** The note that tells `doctor` of the last event that was given up. */
const GIVEN_UP_NOTE = 'webhook_given_up'
/** Stands in that note in place of a number. */
const SEVERAL = '-'

/** An event of the audit log that the webhook never took, or several at once, which have no `seq`. */
export type GivenUp = { readonly seq: number | null; readonly at: number; readonly why: string }

/** An event that the webhook did not take. */
export type DeliveryFailure = { readonly seq: number; readonly error: unknown; readonly isGivenUp: boolean }

/**
 * Tells the webhook of events that are due, all at once. Each is taken by one process only; one that the webhook does
 * not take is told again later, with the same id. A webhook that is gone for good is told each event once.
 *
 * @returns how many were taken, and what went wrong with the others.
 */
export async function deliverEvents(
  ports: Pick<Ports, 'store' | 'tokens' | 'webhook' | 'now'>,
  { limit, signal }: { limit: number; signal?: AbortSignal },
): Promise<{ delivered: number; failures: readonly DeliveryFailure[] }> {
  const { store, webhook, now } = ports
  if (webhook === null) return { delivered: 0, failures: [] }
  const due = await store.takeDueDeliveries({ now: now(), lease: FIRST_LEASE, limit })
  const outcomes = await Promise.all(due.map((delivery) => deliver(ports, webhook, delivery, signal)))
  const failures = outcomes.filter((outcome) => outcome !== null)
  return { delivered: outcomes.length - failures.length, failures }
}

async function deliver(
  { store, tokens, now }: Pick<Ports, 'store' | 'tokens' | 'now'>,
  webhook: Webhook,
  { id, entry, tries }: DueDelivery,
  signal: AbortSignal | undefined,
): Promise<DeliveryFailure | null> {
  const { seq } = entry
  try {
    if ((await webhook.send(toMessage(entry, tokens), { now: now(), signal })) === 'taken') {
      await store.removeDelivery(id)
      return null
    }
    const error = new Error('the webhook answered 410 Gone')
    return { seq, error, isGivenUp: await giveUp(store, { id, seq, at: now(), error }) }
  } catch (error) {
    const isGivenUp = tries >= MOST_TRIES && (await giveUp(store, { id, seq, at: now(), error }))
    return { seq, error, isGivenUp }
  }
}

/** The last event that was given up, or `null` if none ever was. */
export async function readGivenUp({ readNote }: Pick<Ports['store'], 'readNote'>): Promise<GivenUp | null> {
  const [seq, at, ...why] = (await readNote(GIVEN_UP_NOTE))?.split(' ') ?? []
  return seq === undefined ? null : { seq: seq === SEVERAL ? null : Number(seq), at: Number(at), why: why.join(' ') }
}

/** Notes for `doctor` what was given up. */
export async function noteGivenUp(
  { writeNote }: Pick<Ports['store'], 'writeNote'>,
  { seq, at, why }: GivenUp,
): Promise<void> {
  await writeNote(GIVEN_UP_NOTE, `${seq ?? SEVERAL} ${at} ${why}`)
}

/** Whether it could be: where the database does not answer now, the event is told once more. */
async function giveUp(
  store: Ports['store'],
  { id, seq, at, error }: { id: number; seq: number; at: number; error: unknown },
): Promise<boolean> {
  const why = error instanceof Error ? error.message : String(error)
  try {
    await noteGivenUp(store, { seq, at, why })
    await store.removeDelivery(id)
    return true
  } catch {
    return false
  }
}

/**
 * An entry as a webhook is told it. Its id is the same at every try, and no other entry's, not even that of a database
 * which was restored and counts the same numbers once more: the hash has all that came before it.
 */
function toMessage(entry: ChainedAuditEntry, tokens: Pick<Ports['tokens'], 'digest'>): WebhookMessage {
  const { seq, at, type, hash } = entry
  return {
    id: `evt_${tokens.digest(`webhook ${seq} ${hash}`).slice(0, 32)}`,
    type,
    at,
    data: {
      sequence: seq,
      actor: entry.actor,
      account_id: entry.accountId,
      contract: entry.contract,
      request_id: entry.requestId,
      network: entry.network,
      user_agent: entry.userAgent,
      detail: entry.detail,
    },
  }
}
