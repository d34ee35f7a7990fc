import type { Ports } from './ports.ts'

/**
 * Tells the webhook that this is a test, and nothing else.
 *
 * @returns its answer, or `null` where there is no webhook.
 * @throws {Error} one sentence for the operator, when it did not take it.
 */
export async function testWebhook({
  webhook,
  tokens,
  now,
}: Pick<Ports, 'webhook' | 'tokens' | 'now'>): Promise<'taken' | 'gone' | null> {
  if (webhook === null) return null
  const at = now()
  return webhook.send({ id: `evt_${tokens.makeTokenId()}`, type: 'webhook_test', at, data: {} }, { now: at })
}
