import { readFileSync } from 'node:fs'
import { Client, type ClientBase, Pool, type PoolClient, type PoolConfig } from 'pg'
import type { PostgresAddress, PostgresHost, TlsRequest } from '../../database-url.ts'

/** How long a request waits for a connection, whether one is made or given back, in milliseconds. */
export const ACQUIRE = 2000
/** How long one statement may take; the server ends it then. */
const STATEMENT = 5000
/** How long a statement waits for somebody else's lock. */
const LOCK = 2000
/** How long a transaction of ours that asks nothing may hold its locks. */
const IDLE_IN_TRANSACTION = 10_000
/** How long an idle connection is kept: long enough for the next burst. */
const IDLE = 60_000
/** In seconds: after a failover or behind a balancer, connections move on by themselves. */
const LONGEST_LIFE = 3600
/** How long closing waits for servers that do not answer. */
const LONGEST_END = 2000

/** The numeric type that PostgreSQL sends as text because it may be wider than a double. Ours are times and counts. */
const INT8 = 20

/** Connections to whichever of the hosts takes writes. */
export type PostgresPool = {
  /**
   * @param options.patience how long to wait, in milliseconds; as long as a request may, unless told.
   * @throws {Error} when no host could be reached, or all connections were busy for that long.
   */
  connect(options?: { readonly patience: number }): Promise<PoolClient>
  end(): Promise<void>
}

/**
 * Makes a pool of `size` connections at most. A new connection goes to the host that was the primary last; where that
 * is away or takes no writes, to the next, so that after a failover the pool finds the new primary by itself.
 *
 * @param options with `isReadOnly` nothing can be written, and a standby will do.
 * @throws {Error} one sentence for the operator when a certificate cannot be read.
 */
export function createPostgresPool(
  address: PostgresAddress,
  { size, isReadOnly }: { size: number; isReadOnly: boolean },
): PostgresPool {
  const { hosts } = address
  const wantsPrimary = address.wantsPrimary && !isReadOnly
  const config = toConfig(address)
  let current = 0

  class HostClient extends Client {
    constructor() {
      super({ ...config, ...hosts[current] })
      // Whoever uses a connection that is lost is told by their statement; without a listener, the process would end.
      this.on('error', () => {})
    }
  }

  const pool = new Pool({
    Client: HostClient,
    max: size,
    connectionTimeoutMillis: address.connectTimeout ?? ACQUIRE,
    idleTimeoutMillis: IDLE,
    maxLifetimeSeconds: LONGEST_LIFE,
    onConnect: (client) => prepareConnection(client, { wantsPrimary, isReadOnly }),
  })
  // An idle connection was lost. The pool has forgotten it, and whoever needs one gets another.
  pool.on('error', () => {})

  async function connect({ patience }: { patience: number } = { patience: ACQUIRE }): Promise<PoolClient> {
    let isLate = false
    const finding = findHost()
    const { promise: lateness, reject } = Promise.withResolvers<never>()
    const timer = setTimeout(() => {
      isLate = true
      reject(new Error(`No connection to the database could be had in ${patience} ms.`))
    }, patience)
    try {
      return await Promise.race([finding, lateness])
    } finally {
      clearTimeout(timer)
      // It is made all the same, for whoever comes next.
      if (isLate) finding.then((client) => client.release()).catch(() => {})
    }
  }

  async function findHost(): Promise<PoolClient> {
    for (let tried = 1; ; tried++) {
      const asked = current
      try {
        return await pool.connect()
      } catch (error) {
        if (isCrowded(error)) throw error
        // Several fail at once when a host goes away: only the first of them moves on.
        if (current === asked) current = (current + 1) % hosts.length
        if (tried >= hosts.length) throw error
      }
    }
  }

  return {
    connect,
    async end() {
      const { promise: patience, resolve } = Promise.withResolvers<void>()
      const timer = setTimeout(resolve, LONGEST_END)
      await Promise.race([pool.end(), patience])
      clearTimeout(timer)
    },
  }
}

/** Whether nothing is wrong but that every connection is in use. */
function isCrowded(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('timeout exceeded')
}

function toConfig(address: PostgresAddress): PoolConfig {
  const { user, password, database, applicationName, connectTimeout } = address
  return {
    user,
    ...(password === null ? {} : { password }),
    database,
    application_name: applicationName,
    ssl: address.tls === null ? false : readTlsFiles(address.tls),
    keepAlive: true,
    connectionTimeoutMillis: connectTimeout ?? ACQUIRE,
    query_timeout: STATEMENT,
    types: { getTypeParser },
  }
}

/** Numbers as numbers; everything else that Latchkey keeps is text. */
const getTypeParser: NonNullable<PoolConfig['types']>['getTypeParser'] = (type: number) =>
  type === INT8 || type === 23 || type === 21 ? Number : (text: string) => text

/**
 * Settings of a connection, in one round trip. They are sent as a statement, not with the start-up packet, because
 * poolers let that through.
 */
async function prepareConnection(
  client: ClientBase,
  { wantsPrimary, isReadOnly }: { wantsPrimary: boolean; isReadOnly: boolean },
): Promise<void> {
  const { rows } = await client.query(
    `select current_setting('transaction_read_only') as read_only,
      set_config('statement_timeout', $1, false), set_config('lock_timeout', $2, false),
      set_config('idle_in_transaction_session_timeout', $3, false),
      set_config('default_transaction_read_only',
        case $4 when 'on' then 'on' else current_setting('default_transaction_read_only') end, false),
      set_config('synchronous_commit',
        case current_setting('synchronous_commit') when 'off' then 'on' else current_setting('synchronous_commit') end,
        false)`,
    [String(STATEMENT), String(LOCK), String(IDLE_IN_TRANSACTION), isReadOnly ? 'on' : 'off'],
  )
  if (wantsPrimary && rows[0]?.read_only === 'on') throw new Error('The server takes no writes: it is a standby.')
}

function readTlsFiles({ check, rootCertificate, certificate, key }: TlsRequest): NonNullable<PoolConfig['ssl']> {
  return {
    rejectUnauthorized: check !== 'nothing',
    ...(check === 'everything' ? {} : { checkServerIdentity: () => undefined }),
    ...(rootCertificate === null ? {} : { ca: readFile('sslrootcert', rootCertificate) }),
    ...(certificate === null ? {} : { cert: readFile('sslcert', certificate) }),
    ...(key === null ? {} : { key: readFile('sslkey', key) }),
  }
}

function readFile(option: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new Error(`The file that ${option} in DATABASE_URL names cannot be read: check its path and its mode.`, {
      cause: error,
    })
  }
}

/** A host as people write it. */
export function wordHost({ host, port }: PostgresHost): string {
  return host.startsWith('/') ? host : `${host.includes(':') ? `[${host}]` : host}:${port}`
}
