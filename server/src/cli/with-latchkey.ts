import { type Latchkey, openLatchkey, readConfig } from '../start.ts'
import type { CommandContext } from './command.ts'

/**
 * Does something with the database open, and closes it whatever happens.
 *
 * @throws {ConfigError} when the settings cannot be used.
 */
export async function withLatchkey<Result>(
  { env }: Pick<CommandContext, 'env'>,
  action: (latchkey: Latchkey) => Promise<Result>,
): Promise<Result> {
  const latchkey = await openLatchkey(readConfig(env))
  try {
    return await action(latchkey)
  } finally {
    await latchkey.close()
  }
}
