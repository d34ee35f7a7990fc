import { DatabaseSync } from 'node:sqlite'
import { connectTo } from './postgres.ts'

/** Runs statements on a database past Latchkey, as somebody would who got at it; gives the rows of the last. */
export async function runRawSql(url: string, ...statements: readonly string[]): Promise<Record<string, unknown>[]> {
  if (!url.startsWith('sqlite:')) {
    const client = await connectTo(url)
    try {
      let rows: Record<string, unknown>[] = []
      for (const statement of statements) rows = (await client.query(statement)).rows
      return rows
    } finally {
      await client.end()
    }
  }
  const database = new DatabaseSync(url.slice('sqlite:'.length), { timeout: 5000 })
  try {
    let rows: Record<string, unknown>[] = []
    for (const statement of statements) rows = database.prepare(statement).all()
    return rows
  } finally {
    database.close()
  }
}
