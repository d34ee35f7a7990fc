import type { LookupAddress } from 'node:dns'
import { lookup } from 'node:dns/promises'
import type { Webhook, WebhookMessage } from '../core/ports.ts'
import { findAddresses, type Lookup } from './find-addresses.ts'
import { type Patience, post } from './post.ts'
import { signMessage } from './sign.ts'

/** The operator's webhook, as the settings name it. */
export type WebhookOptions = {
  /** `null` where there is none. */
  readonly webhookUrl: string | null
  /** Each `whsec_` and base64; messages are signed under all of them. */
  readonly webhookSecrets: readonly string[]
  /** Whether it may be in a network of one's own. */
  readonly webhookAllowPrivate: boolean
}

/** What is around a webhook, and what tests replace. */
export type WebhookSurroundings = {
  readonly lookup?: Lookup
  readonly ca?: string
  readonly patience?: Patience
}

const PATIENCE: Patience = { connect: 5000, whole: 10_000 }

/** Tells one webhook, by the Standard Webhooks specification; `null` where there is none. */
export function createWebhook(
  { webhookUrl, webhookSecrets: secrets, webhookAllowPrivate: allowPrivate }: WebhookOptions,
  { lookup = createLookup(), ca, patience = PATIENCE }: WebhookSurroundings = {},
): Webhook | null {
  if (webhookUrl === null) return null
  const url = new URL(webhookUrl)
  return {
    async send(message, { now, signal }) {
      const begun = performance.now()
      const finding = findAddresses({ url, allowPrivate }, lookup)
      const addresses = await within(finding, { patience: patience.connect, signal })
      const body = writeBody(message)
      const headers = { 'user-agent': 'Latchkey-Webhook', ...signMessage({ id: message.id, body, now }, secrets) }
      const left = { ...patience, whole: patience.whole - (performance.now() - begun) }
      const status = await post({ url, addresses, headers, body, ca, patience: left, signal })
      if (status >= 200 && status < 300) return 'taken'
      if (status === 410) return 'gone'
      throw new Error(wordStatus(status))
    },
  }
}

function writeBody({ type, at, data }: WebhookMessage): string {
  return JSON.stringify({ type, timestamp: new Date(at).toISOString(), data })
}

function wordStatus(status: number): string {
  if (status < 300 || status >= 400) return `the webhook answered ${status}`
  return `the webhook answered ${status}: redirects are not followed, so set LATCHKEY_WEBHOOK_URL to where it leads`
}

/**
 * Looks names up one at a time, and whoever asks meanwhile gets the same answer: a resolver that hangs holds one of the
 * threads that passwords are hashed on, and never more.
 */
export function createLookup(ask: Lookup = (hostname) => lookup(hostname, { all: true })): Lookup {
  let pending: Promise<readonly LookupAddress[]> | null = null
  return (hostname) => {
    pending ??= ask(hostname).finally(() => {
      pending = null
    })
    return pending
  }
}

/** Waits for a name, which nobody can call back from looking it up. */
async function within<Result>(
  work: Promise<Result>,
  { patience, signal }: { patience: number; signal: AbortSignal | undefined },
): Promise<Result> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const giveUp = () => reject(new Error('the name was not looked up in time'))
  const timer = setTimeout(giveUp, patience)
  signal?.addEventListener('abort', giveUp)
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', giveUp)
  }
}
