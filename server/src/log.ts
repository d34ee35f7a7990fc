import { type Logger, pino } from 'pino'

/** Where a log goes: anything that takes lines. */
export type LogStream = { write(line: string): void }

/** Names under which a secret could ever come into a log line, at any of the first three levels. */
const SECRET_NAMES = ['authorization', 'cookie', 'password', 'token', 'key', 'access', 'refresh', 'secret']

/**
 * The log: JSON lines for machines, short lines for people on a terminal. Bodies, tokens and passwords are never given
 * to it; should one slip in under its usual name all the same, it is struck out.
 *
 * @param options with `tellsProcess` each line has the `pid` of who wrote it, for where several write to one stream.
 */
export function createLog(
  level: string,
  stream: LogStream,
  { isForPeople, tellsProcess = false }: { isForPeople: boolean; tellsProcess?: boolean },
): Logger {
  const paths = SECRET_NAMES.flatMap((name) => [name, `*.${name}`, `*.*.${name}`])
  const options = {
    level,
    base: tellsProcess ? { pid: process.pid } : null,
    redact: { paths, censor: '[redacted]' },
    timestamp: pino.stdTimeFunctions.isoTime,
  }
  return pino(options, isForPeople ? { write: (line) => stream.write(forPeople(line)) } : stream)
}

/**
 * Has a fault that nobody caught in the log before Node ends the process over it with exit code 1: what was half done is
 * no state to go on from, and who watches over the process starts it again. A request that fails is never such a fault.
 *
 * @returns what takes it back.
 */
export function logCrashes(log: Pick<Logger, 'fatal'>): () => void {
  const tell = (error: Error, origin: NodeJS.UncaughtExceptionOrigin) =>
    log.fatal({ err: error, origin }, 'a fault that nobody caught ends this process. Please report it, with this line.')
  process.on('uncaughtExceptionMonitor', tell)
  return () => process.off('uncaughtExceptionMonitor', tell)
}

/** `12:00:01 warn   the message  field=value`, with the stack of an error below. */
function forPeople(line: string): string {
  const { level, time, msg, err, reqId: _, ...fields } = JSON.parse(line) as Record<string, unknown>
  const name = pino.levels.labels[Number(level)] ?? String(level)
  const rest = Object.entries(fields).map(([field, value]) => `  ${field}=${JSON.stringify(value)}`)
  const stack = typeof err === 'object' && err !== null && 'stack' in err ? `\n${String(err.stack)}` : ''
  return `${String(time).slice(11, 19)} ${name.padEnd(5)} ${String(msg)}${rest.join('')}${stack}\n`
}
