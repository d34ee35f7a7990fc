import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createWebhook } from '../../../src/webhooks/webhook.ts'
import { defended, type Hole } from '../hole.ts'

const MESSAGE = { id: 'msg_1', type: 'webhook_test', at: 0, data: {} }
const SECRETS = [`whsec_${Buffer.alloc(32, 1).toString('base64')}`]

export const webhookToPrivateAddress: Hole = {
  name: 'Webhooks into one’s own network (SSRF)',
  happened:
    'Servers that post to a URL were sent to addresses that only they can reach: the metadata of a cloud, a database, themselves. A name that changed its address between the check and the request did the same.',
  stands:
    'The URL is the operator’s setting, not a request’s. Its addresses are judged at each message, the connection is made to the very ones that were judged, and no redirect is followed; private ones need a setting, metadata services have none.',
  guards: [
    {
      file: 'webhooks/find-addresses.ts',
      find: '    if (problem !== null) throw',
      replace: "    if (problem === 'never') throw",
    },
  ],
  async attack() {
    let reached = 0
    const server = createServer((_request, response) => {
      reached++
      response.end()
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    try {
      for (const host of ['127.0.0.1', 'localhost', '2130706433', '[::ffff:127.0.0.1]', 'public.example']) {
        const options = { webhookUrl: `http://${host}:${port}/`, webhookSecrets: SECRETS, webhookAllowPrivate: false }
        const lookup = async () => [{ address: '127.0.0.1', family: 4 }]
        await createWebhook(options, { lookup })
          ?.send(MESSAGE, { now: 0 })
          .catch(() => {})
        defended(reached === 0, `a webhook reached this machine as ${host}`)
      }
    } finally {
      server.close()
    }
  },
}
