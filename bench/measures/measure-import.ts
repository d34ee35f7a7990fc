import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readResidentMemory } from '../processes/read-process.ts'
import { makeFolder } from '../processes/start-latchkey.ts'
import type { Row } from '../row.ts'
import { startPostgres } from '../scale/start-postgres.ts'
import { showProgress } from '../tools/show-progress.ts'
import { copyBarePostgres, insertBareSqlite } from './insert-bare.ts'
import { writeDump } from './made-up-users.ts'

/** How many users the back end before has: one million, unless a quick look is enough. */
const USERS = Number(process.env.BENCH_IMPORT_ROWS ?? 1_000_000)
/** The most memory that an import may take, in MB, however many rows there are. */
const MOST_MEMORY = 512
/** How often its memory is looked at, in milliseconds. */
const LOOK = 100

const SECRET = randomBytes(36).toString('base64')
const BIN = join(dirname(dirname(import.meta.dirname)), 'server/bin/latchkey.js')

/** Rows a second of `latchkey import`, and its memory, beside the same rows put into the same tables by the database alone. */
export async function measureImport(): Promise<readonly Row[]> {
  const folder = makeFolder()
  // PostgreSQL runs as somebody else, who has to get at its own folder in this one.
  chmodSync(folder, 0o755)
  const dump = join(folder, 'users.json')
  showProgress(`import: a dump of ${USERS} users`)
  await writeDump(dump, USERS)
  const server = await startPostgres(folder)
  try {
    await server.query('create database imported')
    await server.query('create database bare')
    const bareFile = join(folder, 'bare.db')
    const engines = [
      {
        name: 'SQLite',
        url: `sqlite:${join(folder, 'imported.db')}`,
        bareUrl: `sqlite:${bareFile}`,
        against: 'the same rows by bare node:sqlite, as many a commit',
        insertBare: async () => insertBareSqlite(bareFile, USERS),
      },
      {
        name: 'PostgreSQL',
        url: server.url('imported'),
        bareUrl: server.url('bare'),
        against: 'the same rows by COPY from files',
        insertBare: () => copyBarePostgres(server, 'bare', USERS),
      },
    ]
    const rows: Row[] = []
    for (const { name, url, bareUrl, against, insertBare } of engines) {
      migrate(folder, bareUrl)
      migrate(folder, url)
      showProgress(`import: ${against}`)
      const bare = await insertBare()
      showProgress(`import: latchkey import into ${name}`)
      const { milliseconds, memory } = await importInto(folder, { url, dump })
      const rounds = [{ bare, milliseconds, memory, users: USERS }]
      const perSecond = Math.round((USERS / milliseconds) * 1000)
      rows.push({
        measure: `import of ${USERS} users into ${name}`,
        value: `${perSecond} rows/s`,
        ratio: bare / milliseconds,
        against,
        judged: perSecond,
        reach: name === 'SQLite' ? { atLeast: 10_000 } : null,
        reachInWords: name === 'SQLite' ? '≥ 10000 rows/s' : '',
        rounds,
      })
      rows.push({
        measure: `most memory during the import into ${name}`,
        value: `${memory.toFixed(0)} MB`,
        ratio: null,
        against: '',
        judged: memory,
        reach: { below: MOST_MEMORY },
        reachInWords: `< ${MOST_MEMORY} MB`,
        rounds,
      })
    }
    return rows
  } finally {
    server.destroy()
  }
}

function migrate(folder: string, url: string): void {
  execFileSync(process.execPath, [BIN, 'migrate'], {
    cwd: folder,
    env: settings(url),
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

async function importInto(
  folder: string,
  { url, dump }: { url: string; dump: string },
): Promise<{ milliseconds: number; memory: number }> {
  const started = performance.now()
  const child = spawn(process.execPath, [BIN, 'import', dump, '--json'], {
    cwd: folder,
    env: settings(url),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.on('data', (chunk) => {
    output += String(chunk)
  })
  let memory = 0
  const timer = setInterval(() => {
    memory = Math.max(memory, readMostMemory(child))
  }, LOOK)
  const [code] = await once(child, 'close')
  clearInterval(timer)
  const { imported } = JSON.parse(output === '' ? '{}' : output)
  if (code !== 0 || imported !== USERS) throw new Error(`The import ended with ${code} after ${imported} users.`)
  return { milliseconds: performance.now() - started, memory }
}

/** The most that a process has had so far, in MB of a million bytes, where the system keeps count; else what it has now. */
function readMostMemory({ pid = 0 }: ChildProcess): number {
  try {
    if (process.platform !== 'linux') return readResidentMemory(pid)
    return (Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024) / 1e6
  } catch {
    // It has just ended.
    return 0
  }
}

function settings(url: string): Record<string, string | undefined> {
  return { PATH: process.env.PATH, DATABASE_URL: url, LOG_LEVEL: 'silent', LATCHKEY_SECRET: SECRET }
}
