import { execFileSync } from 'node:child_process'
import { dirname, join } from 'node:path'

const BIN = join(dirname(dirname(import.meta.dirname)), 'server/bin/latchkey.js')

/**
 * Registers a service with the server that runs in a folder.
 *
 * @returns what it sends as `Authorization`.
 */
export function openService(folder: string): string {
  const args = [BIN, 'clients', 'create', 'bench', '--json']
  const output = execFileSync(process.execPath, args, {
    cwd: folder,
    env: { PATH: process.env.PATH },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const { id, secret } = JSON.parse(output) as { id: string; secret: string }
  return `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`
}
