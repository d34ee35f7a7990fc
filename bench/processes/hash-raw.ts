import { hash, verify } from '@node-rs/argon2'
import { ARGON2 } from '../tools/describe-machine.ts'
import { doTasks } from './do-tasks.ts'

/** For how long to check hashes, and how many at once. */
export type HashTask = { readonly milliseconds: number; readonly atOnce: number }
export type HashResult = { readonly perSecond: number }

const PASSWORD = 'correct horse battery staple'

/** Checks one password against one hash over and over: the most that a login server could ever do here. */
async function hashRaw({ milliseconds, atOnce }: HashTask): Promise<HashResult> {
  const passwordHash = await hash(PASSWORD, ARGON2)
  const started = performance.now()
  let completed = 0
  const worker = async () => {
    while (performance.now() - started < milliseconds) {
      if (!(await verify(passwordHash, PASSWORD))) throw new Error('The right password was refused.')
      completed++
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return { perSecond: (completed * 1000) / (performance.now() - started) }
}

doTasks(hashRaw)
