import type { Target } from '../proving/exchange.ts'
import { readHeader, readTarget } from '../proving/read-target.ts'
import { UsageError } from './refusals.ts'

/** The options of commands that ask a server as a client would. */
export const ASKING_OPTIONS = {
  header: {
    type: 'string',
    value: 'NAME:VALUE',
    help: 'A header on every request, such as one that lifts a limit.',
  },
  'per-second': { type: 'string', value: 'COUNT', help: 'At most so many requests a second (default 10).' },
  timeout: { type: 'string', value: 'SECONDS', help: 'How long one answer may take (default 10).' },
} as const

/**
 * Reads an address from the command line.
 *
 * @throws {UsageError} that names the word it stood in.
 */
export function readServer(
  name: string,
  text: string,
  { header, timeout }: { readonly header: string | undefined; readonly timeout: number },
): Target {
  const headers = header === undefined ? {} : readOr('--header', () => readHeader(header))
  return readOr(name, () => readTarget(text, { headers, patience: timeout * 1000 }))
}

function readOr<Value>(name: string, read: () => Value): Value {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new UsageError(`${name} ${error.message}`)
  }
}
