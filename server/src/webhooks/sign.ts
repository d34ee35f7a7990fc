import { createHmac } from 'node:crypto'

const PREFIX = 'whsec_'

/**
 * The headers of a message by the Standard Webhooks specification: its id, when it is sent, and a signature under each
 * secret, so that a receiver who knows either can check it while the operator changes one for the other.
 *
 * @param message.now milliseconds since 1970.
 */
export function signMessage(
  { id, body, now }: { id: string; body: string; now: number },
  secrets: readonly string[],
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(now / 1000))
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(PREFIX.length), 'base64')
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
  })
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') }
}
