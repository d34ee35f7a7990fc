import type { Core } from '../core/core.ts'
import type { ServiceClient } from '../core/ports.ts'
import { makePrintable } from './print.ts'
import { CommandFailure } from './refusals.ts'

/**
 * Finds the service that an operator names by its id or its name.
 *
 * @throws {CommandFailure} when there is none.
 */
export async function findService(core: Core, text: string): Promise<ServiceClient> {
  const client = await core.administration.findServiceClient(text)
  if (client === null) throw noSuchService(text)
  return client
}

/** The refusal for a service that is not there, or no longer. */
export function noSuchService(text: string): CommandFailure {
  return new CommandFailure(`There is no service client ${makePrintable(text)}: see npm run latchkey -- clients list`)
}
