import { rmSync, writeFileSync } from 'node:fs'
import { startNode } from './run-node.ts'

/** Has another process take the write lock of an SQLite database. @returns what lets it go. */
export async function holdLock(path: string): Promise<() => Promise<void>> {
  const flag = `${path}.held`
  writeFileSync(flag, '')
  const holder = startNode(
    `const { DatabaseSync } = await import('node:sqlite')
     const { existsSync } = await import('node:fs')
     const database = new DatabaseSync(process.argv[1], { timeout: 5000 })
     database.exec('begin immediate')
     console.log('held')
     const timer = setInterval(() => {
       if (existsSync(process.argv[2])) return
       clearInterval(timer)
       database.exec('rollback')
       database.close()
     }, 10)`,
    [path, flag],
  )
  await holder.firstOutput
  return async () => {
    rmSync(flag)
    await holder.ended
  }
}
