import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Config } from '../../src/config/config.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { CONTRACT_NAMES } from '../../src/contracts/index.ts'
import { makeDirectory } from '../kit/server-process.ts'

const SECRET = 'kN3vT9qLw2XzR7bYc5HdPf8JmSgVaU4e6Ko1'

/**
 * Loads settings as a container would, with files that hold good secrets where its secrets would be mounted.
 *
 * @throws {ConfigError} when the server would not start with them.
 */
export function loadAsMounted(env: Readonly<Record<string, unknown>>): Config {
  const mounted = join(makeDirectory(), 'secrets')
  mkdirSync(mounted)
  const settings = Object.entries(env).map(([name, value]) => {
    assert.equal(typeof value, 'string', `${name} is no text: put it into quotation marks`)
    if (!name.endsWith('_FILE')) return [name, String(value)]
    const path = join(mounted, basename(String(value)))
    writeFileSync(path, `${SECRET}\n`, { mode: 0o400 })
    return [name, path]
  })
  return loadConfig({ env: Object.fromEntries(settings), contractNames: CONTRACT_NAMES, directory: mounted })
}
