import { normaliseIdentifier } from '../../src/core/identifier.ts'
import { openStore } from '../../src/store/open.ts'
import type { PostgresServer } from '../kit/postgres-server.ts'
import { urlOfAll } from '../kit/postgres-standby.ts'
import { LOAD_SETTINGS, type Target } from './load.ts'
import type { Database } from './scene.ts'

const SECRET = 'only-fault-tests-have-this-secret-0123456789'

/** A database of a scene's own. */
export type PostgresDatabase = Database & { readonly name: string }

/**
 * Makes an empty database, with settings for servers under load.
 *
 * @param servers the one that takes writes, and whatever may take its place.
 * @param primary whom to ask past Latchkey; asked anew each time, so that it may change.
 */
export async function makePostgresDatabase(
  servers: readonly [PostgresServer, ...PostgresServer[]],
  primary: () => PostgresServer = () => servers[0],
): Promise<PostgresDatabase> {
  const name = `scene_${crypto.randomUUID().replaceAll('-', '')}`
  await servers[0].query(`create database ${name}`)
  const url = urlOfAll(servers, name)
  return {
    name,
    env: { ...LOAD_SETTINGS, DATABASE_URL: url, LATCHKEY_SECRET: SECRET },
    setActive: setActiveIn(url),
    findRows: (sql) => primary().query(sql, name),
    checkIntegrity: () => checkIntegrity(primary(), name),
  }
}

/** Disables and enables beside the servers, on connections that are open no longer than that. */
function setActiveIn(url: string): Target['setActive'] {
  return async (email, isActive) => {
    const { store } = await openStore(url, { schema: 'require', cores: 0 })
    try {
      const account = await store.findAccount({ by: 'identifier', identifier: normaliseIdentifier(email) })
      if (account === null) throw new Error(`There is no account ${email}.`)
      await store.setActive(account.id, isActive, Date.now())
    } finally {
      await store.close()
    }
  }
}

/** Every index against its table, and every table read to its end. */
async function checkIntegrity(server: PostgresServer, database: string): Promise<string> {
  try {
    await server.query(
      `create extension if not exists amcheck;
       select bt_index_check(indexrelid, true) from pg_index join pg_class on pg_class.oid = indexrelid
         where relnamespace = 'public'::regnamespace`,
      database,
    )
    const tables = await server.query("select tablename from pg_tables where schemaname = 'public'", database)
    for (const { tablename } of tables) await server.query(`select count(t.*::text) from "${tablename}" t`, database)
    return 'ok'
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
