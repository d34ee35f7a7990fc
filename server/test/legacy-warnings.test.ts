import assert from 'node:assert/strict'
import { it } from 'node:test'
import { loadConfig } from '../src/config/load-config.ts'
import { CONTRACT_NAMES } from '../src/contracts/index.ts'
import { createLog } from '../src/log.ts'
import { startServer } from '../src/start.ts'
import { LIGHT_HASHING } from './kit/hashing.ts'
import { OLD_SECRETS, takeLegacyTokens } from './kit/legacy-tokens.ts'

it('a server that starts warns of each secret of the back end before, until when, and shows none', async () => {
  const env = { DATABASE_URL: 'sqlite::memory:', LATCHKEY_SECRET: 'a secret that only tests have, 32+ long' }
  const config = {
    ...loadConfig({ env, contractNames: CONTRACT_NAMES }),
    ...LIGHT_HASHING,
    ...takeLegacyTokens(),
    port: 0,
  }
  const lines: string[] = []
  const log = createLog('warn', { write: (line) => lines.push(line) }, { isForPeople: false })
  const server = await startServer(config, { log })
  await server.stop()
  for (const [contract, secret] of Object.entries(OLD_SECRETS)) {
    const warnings = lines.filter((line) => line.includes(`signed for ${contract} until`))
    assert.equal(warnings.length, 1)
    assert.match(warnings[0] ?? '', /are taken until \d{4}-\d\d-\d\d \d\d:\d\d UTC: whoever has the secret in /)
    assert.ok(lines.every((line) => !line.includes(secret)))
  }
})
