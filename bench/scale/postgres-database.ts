import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from 'pg'
import type { PostgresServer } from '../../server/test/kit/postgres-server.ts'
import { type Database, TABLES } from './database.ts'
import type { SizeName } from './plan.ts'
import { readThrough } from './read-through.ts'

const FUNCTIONS = `
  create function digest_of(text) returns text language sql immutable as
    $$ select encode(sha256(convert_to($1, 'UTF8')), 'hex') $$;
  create function uuid_of(text) returns text language sql immutable as
    $$ select overlay(overlay(left(digest_of($1), 32)::uuid::text placing '4' from 15) placing 'a' from 20) $$`

/** A database on a server of the benchmark's own. */
export async function createPostgresDatabase(server: PostgresServer, size: SizeName): Promise<Database> {
  const name = `scale_${size}`
  await server.query(`create database ${name}`)
  const rows = await server.query(`select oid from pg_database where datname = '${name}'`)
  const directory = join(server.directory, 'data', 'base', String(rows[0]?.oid))
  return {
    engine: 'postgres',
    size,
    url: server.url(name),

    async openLoader() {
      const client = new Client({ host: server.directory, port: server.port, user: 'postgres', database: name })
      await client.connect()
      await client.query(FUNCTIONS)
      return {
        async run(sql) {
          await client.query(sql)
        },
        async finish() {
          await client.query("select setval(pg_get_serial_sequence('accounts', 'id'), (select max(id) from accounts))")
          await client.query('drop function uuid_of(text); drop function digest_of(text)')
          await client.query('vacuum analyze')
          await client.query('checkpoint')
          await client.end()
        },
      }
    },

    async weigh() {
      const weigh = async (what: string) => Number((await server.query(`select ${what} as bytes`, name))[0]?.bytes)
      const tables: Record<string, number> = {}
      for (const table of TABLES) tables[table] = await weigh(`pg_total_relation_size('${table}')`)
      return { tables, all: await weigh(`pg_database_size('${name}')`) }
    },

    warm() {
      for (const file of readdirSync(directory)) readThrough(join(directory, file))
    },
  }
}
