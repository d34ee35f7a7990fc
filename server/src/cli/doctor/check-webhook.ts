import type { Config } from '../../config/config.ts'
import { describeWebhook } from '../../config/read-webhook.ts'
import type { Inspection } from '../../inspect-database.ts'
import type { Finding } from './finding.ts'

/** For how long an event that was given up is told of, in milliseconds. */
const REMEMBERED = 7 * 86_400_000

/** Looks at whether the webhook takes what it is told. */
export function checkWebhook(
  webhook: NonNullable<Inspection['webhook']>,
  { webhookUrl }: Config,
  now: number,
): Finding {
  const about = 'webhook'
  const { waiting, retried, givenUp } = webhook
  if (webhookUrl === null) return { about, level: 'ok', says: 'none is set: nobody is told of events' }
  const where = describeWebhook(webhookUrl)
  if (retried > 0) {
    const says = `${where} has not taken ${retried} of ${waiting} events that wait for it. Run: npm run latchkey -- webhooks test`
    return { about, level: 'warn', says }
  }
  if (givenUp !== null && givenUp.at > now - REMEMBERED) {
    const when = new Date(givenUp.at).toISOString()
    const what = givenUp.seq === null ? 'events' : `event ${givenUp.seq}`
    const says = `${where} never took ${what} of the audit log, given up at ${when} (${givenUp.why})`
    return { about, level: 'warn', says }
  }
  return { about, level: 'ok', says: `${where}, with ${waiting} events to be told` }
}
