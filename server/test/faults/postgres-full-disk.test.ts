import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { INITDB, type PostgresServer, startPostgres } from '../kit/postgres-server.ts'
import { makeDirectory } from '../kit/server-process.ts'
import { makePostgresDatabase } from './postgres-database.ts'
import { playOnPostgres } from './postgres-scene.ts'
import { IS_LONG } from './scene.ts'

/** Room for a few small databases, in MiB. */
const ROOM = 128

/** Why a small disk cannot be made here, or `false`. */
const skip = whyNoDisk()

describe('on a PostgreSQL whose disk is full', { skip }, () => {
  it('what needs room is told as 503, and done again when there is some', async (t) => {
    const times = IS_LONG ? 5 : 1
    const disk = await startOnSmallDisk({ hasLog: false })
    try {
      await playOnPostgres(t, await makePostgresDatabase([disk.server]), async (scene) => {
        for (let time = 0; time < times; time++) {
          disk.fill()
          // What finds room in a table as it is goes on, and readiness with it: it asks for no more than that.
          await scene.refuse(10)
          disk.empty()
          await scene.recover()
        }
        return `the disk with the tables full (${times} times)`
      })
    } finally {
      await disk.remove()
    }
  })

  const isLong = IS_LONG ? false : 'only in the long version'
  it('nothing acknowledged is lost when the server cannot write its log, and gives up', { skip: isLong }, async (t) => {
    const disk = await startOnSmallDisk({ hasLog: true })
    try {
      await playOnPostgres(t, await makePostgresDatabase([disk.server]), async (scene) => {
        disk.fill()
        // The next commit needs a new file of the log.
        await disk.server.query('select pg_switch_wal()').catch(() => {})
        await scene.refuse(10)
        assert.equal(await scene.areReady(), false)
        disk.empty()
        // Whatever looks after the server starts it again.
        await disk.server.stop('immediate')
        await disk.server.restart()
        await scene.recover()
        return 'the disk with the log full'
      })
    } finally {
      await disk.remove()
    }
  })
})

type SmallDisk = {
  readonly server: PostgresServer
  fill(): void
  empty(): void
  remove(): Promise<void>
}

/** A server whose tables, and if it is so its log, are on a file system of its own, small and in memory. */
async function startOnSmallDisk({ hasLog }: { hasLog: boolean }): Promise<SmallDisk> {
  let data = ''
  const server = await startPostgres({
    fill: (directory, run) => {
      data = directory
      mkdirSync(data)
      const { uid, gid } = statSync(dirname(data))
      mount(data, `size=${ROOM}m,mode=0700,uid=${uid},gid=${gid}`)
      run('initdb', ['-D', data, ...INITDB, ...(hasLog ? [] : [`--waldir=${join(dirname(data), 'log')}`])])
    },
  })
  const ballast = join(data, 'ballast')
  return {
    server,
    fill() {
      try {
        writeFileSync(ballast, Buffer.alloc(2 * ROOM * 1024 * 1024))
      } catch {
        // It is as large as it can be: that was the purpose.
      }
    },
    empty: () => rmSync(ballast, { force: true }),
    async remove() {
      await server.stop('immediate')
      execFileSync('umount', ['--lazy', data])
      server.destroy()
    },
  }
}

function mount(directory: string, options: string): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', directory], { stdio: ['ignore', 'ignore', 'pipe'] })
}

function whyNoDisk(): string | false {
  const directory = makeDirectory()
  try {
    mount(directory, 'size=1m')
    execFileSync('umount', [directory])
    return false
  } catch {
    return 'a file system can be mounted only by root, and where the machine allows it'
  }
}
