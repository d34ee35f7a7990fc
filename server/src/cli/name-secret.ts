import type { Config } from '../config/config.ts'
import { findMadeSecretFile } from '../config/ensure-secret.ts'

/** Where the secret in force is, as an operator knows it. */
export function nameSecret(config: Config): string {
  const file = findMadeSecretFile(config)
  return file === null ? 'LATCHKEY_SECRET' : `the secret in ${file}`
}
