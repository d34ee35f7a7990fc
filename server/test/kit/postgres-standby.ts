import { type PostgresServer, startPostgres } from './postgres-server.ts'

/** Copies a running server, and starts the copy as a standby that follows it. */
export function startStandby(
  primary: PostgresServer,
  settings: Readonly<Record<string, string>> = {},
): Promise<PostgresServer> {
  return startPostgres({
    settings,
    fill: (data, run) =>
      run('pg_basebackup', [
        ...['-h', primary.directory, '-p', String(primary.port), '-U', 'postgres', '-D', data],
        ...['--write-recovery-conf', '--wal-method=stream', '--checkpoint=fast', '--no-sync'],
      ]),
  })
}

/** The address of a database on whichever of several servers takes writes. */
export function urlOfAll(servers: readonly PostgresServer[], database: string): string {
  const hosts = servers.map(({ directory }) => encodeURIComponent(directory)).join(',')
  const ports = servers.map(({ port }) => port).join(',')
  return `postgres://postgres@/${database}?host=${hosts}&port=${ports}&target_session_attrs=read-write`
}
