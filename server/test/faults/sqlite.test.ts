import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { chmodSync, chownSync, mkdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { holdLock } from '../kit/hold-lock.ts'
import { makeDirectory, type ServerProcess, startServerProcess } from '../kit/server-process.ts'
import { IS_LONG, play, type Scene } from './scene.ts'
import { newDatabase } from './sqlite-database.ts'

/** An ordinary user without rights, by its number on Linux: root may do everything, whatever a mode says. */
const NOBODY = 65_534
const IS_ROOT = process.getuid?.() === 0

// Most of them wait for most of the time.
describe('on SQLite', { concurrency: 3 }, () => {
  it('nothing acknowledged is lost when the server is killed at random moments', async (t) => {
    const kills = IS_LONG ? 100 : 10
    const database = newDatabase()
    await play(t, database, async (scene) => {
      for (let kill = 0; kill < kills; kill++) {
        await scene.succeed(randomInt(1, IS_LONG ? 40 : 12))
        await sleep(randomInt(100))
        const server = scene.server()
        server.kill()
        await server.ended
        scene.replace(await startServerProcess(database.env))
      }
      await scene.succeed(20)
      return `${kills} kills`
    })
  })

  it('a full disk is told as 503, and forgotten when there is room', async (t) => {
    const room = makeRoom()
    const database = newDatabase(room.directory)
    const start = () => startServerProcess(database.env)
    try {
      await play(
        t,
        database,
        async (scene) => {
          for (let time = 0; time < (IS_LONG ? 10 : 2); time++) {
            room.fill(scene.server().processId)
            await scene.refuse(10)
            await unready(scene)
            room.empty(scene.server().processId)
            await recovered(scene)
          }
          return `a disk that was full ${IS_LONG ? 10 : 2} times (${room.by})`
        },
        start,
      )
    } finally {
      room.remove()
    }
  })

  it('a lock that another process holds for 3 s is waited for', async (t) => {
    const database = newDatabase()
    await play(t, database, async (scene) => {
      const release = await holdLock(database.path)
      await sleep(3000)
      await release()
      await recovered(scene)
      assert.equal(wasRefusedByDatabase(scene.server()), false, 'somebody was sent away')
      return 'a lock held for 3 s, and nobody sent away'
    })
  })

  const held = IS_LONG ? 30 : 8
  it(`a lock that another process holds for ${held} s holds up neither reads nor health`, async (t) => {
    const database = newDatabase()
    await play(t, database, async (scene) => {
      let isOver = false
      const health = scene.watchHealth(() => isOver)
      try {
        const token = await signIn(scene.server().url)
        const release = await holdLock(database.path)
        await sleep(5500)
        // From here on nobody waits: each is refused after one try.
        assert.equal(await scene.readiness(), 503)
        const before = scene.load.counts()
        await sleep(held * 1000 - 5500)
        const after = scene.load.counts()
        assert.ok(after.unavailable - before.unavailable > 10, JSON.stringify({ before, after }))
        assert.ok(wasRefusedByDatabase(scene.server()))
        // Asked here: a client of the load whose writes are refused soon has no account left that it could ask about.
        const check = await fetch(`${scene.server().url}/v1/session`, { headers: { authorization: `Bearer ${token}` } })
        assert.equal(check.status, 200, 'no check was answered meanwhile')
        await release()
        await recovered(scene)
      } finally {
        isOver = true
      }
      const longest = await health
      // As long as one write waits: until SQLite itself waited no more, everybody waited with it, one after the other.
      assert.ok(longest < 5000, `/healthz took ${longest} ms`)
      return `a lock held for ${held} s, the slowest /healthz meanwhile ${Math.round(longest)} ms`
    })
  })

  it('a directory that may not be written to is refused at the start, in one sentence', async () => {
    const directory = makeDirectory()
    const { env } = newDatabase(directory)
    if (IS_ROOT) chownSync(directory, NOBODY, NOBODY)
    chmodSync(directory, 0o555)
    await assert.rejects(startServerProcess(env, [], IS_ROOT ? { userId: NOBODY } : {}), (error: Error) => {
      const [, said = ''] = error.message.split('before it listened: ')
      assert.match(
        said,
        /^[^\n]*cannot be opened: check that DATABASE_URL is right and that this user may write there\.\n$/,
      )
      return true
    })
  })

  it('a directory that turns read-only under a server changes nothing that was acknowledged', async (t) => {
    const database = newDatabase()
    if (IS_ROOT) chownSync(database.directory, NOBODY, NOBODY)
    const start = () => startServerProcess(database.env, [], IS_ROOT ? { userId: NOBODY } : {})
    await play(
      t,
      database,
      async (scene) => {
        chmodSync(database.directory, 0o555)
        await sleep(IS_LONG ? 20_000 : 1500)
        // SQLite may or may not need the directory meanwhile. Readiness says which, as the log does.
        const wasRefused = wasRefusedByDatabase(scene.server())
        const isReady = (await scene.readiness()) === 200
        assert.ok(wasRefused ? !isReady : isReady || wasRefusedByDatabase(scene.server()))
        assert.ok(scene.load.counts().acknowledged > 0)
        chmodSync(database.directory, 0o755)
        await recovered(scene)
        return 'a directory that was read-only for a while'
      },
      start,
    )
  })

  it('a file that is taken away is told as 503, and used again when it is back', async (t) => {
    const database = newDatabase()
    await play(t, database, async (scene) => {
      const times = IS_LONG ? 10 : 1
      for (let time = 0; time < times; time++) {
        renameSync(database.path, `${database.path}.away`)
        await scene.refuse(10)
        assert.equal(await scene.readiness(), 503)
        renameSync(`${database.path}.away`, database.path)
        await recovered(scene)
      }
      return `a file that was away, ${times} in all`
    })
  })

  it('a sound copy that takes the place of the file is gone on with', async (t) => {
    const database = newDatabase()
    await play(t, database, async (scene) => {
      const release = await holdLock(database.path)
      const reader = new DatabaseSync(database.path)
      reader.exec(`vacuum into '${database.path}.copy'`)
      reader.close()
      renameSync(`${database.path}.copy`, database.path)
      await release()
      await recovered(scene)
      return 'a file that a copy took the place of'
    })
  })

  it('a file that was cut short is told as 503 from then on', async () => {
    const { env, path } = newDatabase()
    const server = await startServerProcess(env)
    const person = { username: 'ada', password: 'Password-1-ada' }
    const ask = (route: string, body?: unknown) =>
      fetch(server.url + route, {
        method: body === undefined ? 'GET' : 'POST',
        headers: { 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
    assert.equal((await ask('/api/users/register/', person)).status, 201)
    const database = new DatabaseSync(path)
    database.exec('pragma wal_checkpoint(truncate)')
    database.close()
    truncateSync(path, 12_288)
    for (const length of [12_288, 1_000_000]) {
      truncateSync(path, length)
      const answer = await ask('/api/users/login/', person)
      assert.equal(answer.status, 503)
      assert.match(answer.headers.get('retry-after') ?? '', /^\d+$/)
      assert.equal((await ask('/readyz')).status, 503)
      assert.equal((await ask('/healthz')).status, 200)
    }
    server.terminate()
    const { code, stdout } = await server.ended
    assert.equal(code, 0)
    assert.match(stdout, /was cut short while Latchkey was running: stop it, and restore a backup\./)
  })

  it('two servers on one file see at once what the other did, but cannot have one port', async (t) => {
    const database = newDatabase()
    await play(t, database, async (scene) => {
      const first = scene.server()
      const second = await startServerProcess(database.env)
      scene.replace(first, second)
      await assert.rejects(startServerProcess({ ...database.env, PORT: String(first.port) }), (error: Error) => {
        const [, said = ''] = error.message.split('before it listened: ')
        assert.match(said, /^[^\n]*Port \d+ on 127\.0\.0\.1 is in use: stop what is there, or set PORT\.\n$/)
        return true
      })
      await scene.succeed(IS_LONG ? 2000 : 80)
      assert.deepEqual([first, second].map(wasRefusedByDatabase), [false, false])
      return 'two servers on one file, asked in turn'
    })
  })
})

/**
 * Whether a server has answered 503 because of its database, by its log. A busy machine answers so too when it has more
 * passwords to hash than it can: that is no fault of the database's.
 */
function wasRefusedByDatabase(server: ServerProcess): boolean {
  return server.output().includes('the database did not do it')
}

/** Waits until the server does what it is asked again, without help, and says so. */
async function recovered(scene: Scene): Promise<void> {
  await scene.succeed(20)
  // One that was refused before may be told of after: then the next write has to show that all is well.
  for (let tries = 0; (await scene.readiness()) !== 200; tries++) {
    assert.ok(tries < 50, 'It does not become ready.')
    await sleep(20)
  }
}

/** Waits until readiness is off. On a full disk it comes and goes: what still fits in the log is written. */
async function unready(scene: Scene): Promise<void> {
  for (let tries = 0; (await scene.readiness()) !== 503; tries++) {
    assert.ok(tries < 500, 'It was ready all the time.')
    await sleep(20)
  }
}

/** A place that can become full. */
type Room = {
  readonly directory: string
  /** How that is done here. */
  readonly by: string
  fill(processId: number): void
  empty(processId: number): void
  remove(): void
}

/** A file system of its own, small and in memory; where none may be mounted, a limit on the size of files. */
function makeRoom(): Room {
  const directory = join(makeDirectory(), 'room')
  mkdirSync(directory)
  const ballast = join(directory, 'ballast')
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', directory], { stdio: 'ignore' })
    return {
      directory,
      by: 'a small file system in memory',
      fill: () => {
        try {
          writeFileSync(ballast, Buffer.alloc(32 * 1024 * 1024))
        } catch {
          // It is as large as it can be: that was the purpose.
        }
      },
      empty: () => rmSync(ballast),
      remove: () => execFileSync('umount', ['--lazy', directory]),
    }
  } catch {
    const limit = (processId: number, size: string) =>
      execFileSync('prlimit', ['--pid', String(processId), `--fsize=${size}:`])
    return {
      directory,
      by: 'a limit on the size of files',
      fill: (processId) => limit(processId, '65536'),
      empty: (processId) => limit(processId, 'unlimited'),
      remove: () => {},
    }
  }
}

/** Somebody whom the load knows nothing of, signed in. */
async function signIn(url: string): Promise<string> {
  const ask = (path: string) =>
    fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'whoever-checks', password: 'Password-1-whoever' }),
    })
  assert.equal((await ask('/api/users/register/')).status, 201)
  const answer = await ask('/simplejwt/api/users/login/')
  assert.equal(answer.status, 200)
  return ((await answer.json()) as { access: string }).access
}
