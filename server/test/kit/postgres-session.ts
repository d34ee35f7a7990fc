import { Client } from 'pg'
import type { PostgresServer } from './postgres-server.ts'

/** A connection past Latchkey, kept open: somebody else who works on the same database. */
export type OtherSession = {
  /** Runs SQL; several statements are allowed. The rows are those of the last one. */
  query(text: string): Promise<Record<string, unknown>[]>
  end(): Promise<void>
}

/** Connects as the superuser. Losing the connection is no fault of the test's. */
export async function openOtherSession(
  { directory, port }: Pick<PostgresServer, 'directory' | 'port'>,
  database: string,
): Promise<OtherSession> {
  const client = new Client({
    host: directory,
    port,
    user: 'postgres',
    database,
    application_name: 'another session',
  })
  client.on('error', () => {})
  await client.connect()
  return {
    async query(text) {
      const result = await client.query(text)
      return Array.isArray(result) ? (result[result.length - 1]?.rows ?? []) : result.rows
    },
    end: () => client.end(),
  }
}

/** Which backends Latchkey's connections to a database have, in numbers of processes. */
export async function listBackends(
  server: Pick<PostgresServer, 'query'>,
  { database, where = 'true', order = 'pid' }: { database: string; where?: string; order?: string },
): Promise<number[]> {
  const rows = await server.query(
    `select pid from pg_stat_activity
      where datname = '${database}' and application_name = 'latchkey' and (${where}) order by ${order}`,
  )
  return rows.map(({ pid }) => Number(pid))
}

/** Asks again and again until the answer is yes. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  const since = performance.now()
  while (!(await isSo())) {
    // A minute is far more than anything here takes.
    if (performance.now() - since > 60_000) throw new Error(`It is still not so after a minute: ${isSo}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
