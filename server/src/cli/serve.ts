import { availableParallelism } from 'node:os'
import type { Config } from '../config/config.ts'
import { describeDatabase } from '../config/read-database-url.ts'
import { readConfig } from '../read-config.ts'
import { readVersion } from '../read-version.ts'
import { type RunningServer, startServer } from '../start.ts'
import { isWorker, runAsWorker } from '../workers/run-as-worker.ts'
import { startWorkers } from '../workers/start-workers.ts'
import type { Command, CommandContext, ExitCode } from './command.ts'
import { listenForStop } from './listen-for-stop.ts'
import { readArguments } from './read-arguments.ts'
import { readWorkerCount } from './read-worker-count.ts'
import { describeError } from './report-error.ts'

const OPTIONS = {
  workers: {
    type: 'string',
    value: 'N',
    help: 'How many processes share the port and the cores; auto: one for each core. 1 unless told.',
  },
} as const

/** `latchkey serve`. */
export const serve: Command = {
  name: 'serve',
  summary: 'starts the server',
  operands: [],
  options: OPTIONS,
  notes: ['SIGTERM or Ctrl-C lets requests under way finish and then ends; a second one ends at once.'],
  showsSettings: true,
  run,
}

async function run({ args, stdout, stderr, env }: CommandContext): Promise<ExitCode> {
  const given = readArguments(args, { operands: [], options: OPTIONS })
  if (isWorker(env)) return runAsWorker({ describe: describeError })
  const count = readWorkerCount(given.text('workers'), { cores: availableParallelism() })
  const config = readConfig(env)
  const stop = listenForStop()
  const stopping = new AbortController()
  void stop.requested.then(() => stopping.abort())
  try {
    const server =
      count === 1 ? await startServer(config) : await startWorkers(config, { count, stopping: stopping.signal })
    if (server === null) return 0
    if (stdout.isTTY === true) stdout.write(writeBanner(config, server))
    await stop.requested
    if (stdout.isTTY === true) stderr.write('\nStopping: requests under way may finish. Ctrl-C again ends at once.\n')
    await server.stop()
    return 0
  } finally {
    stop.forget()
  }
}

/** What a person on a terminal sees at the start. */
export function writeBanner(config: Config, server: Pick<RunningServer, 'url' | 'mounted'>): string {
  return [
    '',
    `Latchkey ${readVersion()} is listening on ${server.url}`,
    '',
    ...server.mounted.map((line) => `  ${line}`),
    '',
    `  Public URL  ${config.publicUrl}`,
    `  Database    ${describeDatabase(config)}`,
    ...(config.limits ? [] : ['  Warning     LATCHKEY_LIMITS=off: anybody may guess passwords without end']),
    '',
    '  Settings      npm run latchkey -- config',
    '  Accounts      npm run latchkey -- accounts --help',
    '  Is all well?  npm run latchkey -- doctor',
    '  Stop          Ctrl-C',
    '',
    '',
  ].join('\n')
}
