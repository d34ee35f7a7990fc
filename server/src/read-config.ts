import type { Config } from './config/config.ts'
import { loadConfig } from './config/load-config.ts'
import { readDotenv } from './config/read-dotenv.ts'
import { CONTRACT_NAMES } from './contracts/index.ts'

/**
 * Reads the settings from an environment and the `.env` of the working directory.
 *
 * @throws {ConfigError} with every problem at once.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  return loadConfig({ env, dotenv: readDotenv(process.cwd()), contractNames: CONTRACT_NAMES })
}
