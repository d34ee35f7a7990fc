import type { ServiceClient } from '../core/ports.ts'
import type { CommandContext, ExitCode } from './command.ts'
import { printJson, showTime } from './print.ts'

/** A service as `--json` shows it. */
export function serviceToJson(client: ServiceClient): Readonly<Record<string, unknown>> {
  const { id, name, mayRevoke, createdAt, rotatedAt, previousUntil } = client
  return {
    id,
    name,
    may_revoke: mayRevoke,
    created_at: showTime(createdAt),
    rotated_at: rotatedAt === null ? null : showTime(rotatedAt),
    previous_secret_until: previousUntil === null ? null : showTime(previousUntil),
  }
}

/** How a service is called in a sentence. */
export function nameService({ id, name }: ServiceClient): string {
  return `service client ${name} (${id})`
}

/**
 * Tells a secret, this once: it alone on stdout, so that it can be piped to where it belongs, and the words beside it.
 *
 * @param options.words what was done.
 */
export function tellSecret(
  { stdout, stderr }: Pick<CommandContext, 'stdout' | 'stderr'>,
  { client, secret }: { client: ServiceClient; secret: string },
  { words, isJson }: { words: string; isJson: boolean },
): ExitCode {
  if (isJson) return printJson(stdout, { ...serviceToJson(client), secret })
  stderr.write(`${words}\nThis is its secret. It is not kept here and cannot be shown again:\n`)
  stdout.write(`${secret}\n`)
  return 0
}
