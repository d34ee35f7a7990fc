import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** A process of the benchmark's own that does one job at a time. */
export type Child<Task, Result> = {
  readonly pid: number
  run(task: Task): Promise<Result>
  stop(): Promise<void>
}

/** What a child answers a task with. */
export type Reply<Result> = { readonly result: Result } | { readonly error: string }

/** Starts a file of this folder as a process of its own, under the same Node and with as many threads as Latchkey. */
export function startChild<Task extends object, Result>(name: string, threads: number): Child<Task, Result> {
  const child = fork(join(import.meta.dirname, name), [], {
    env: { PATH: process.env.PATH, UV_THREADPOOL_SIZE: String(threads) },
  })
  let failed: Error | null = null
  child.on('error', (error) => {
    failed = error
  })
  return {
    pid: child.pid ?? 0,
    run(task) {
      return new Promise((resolve, reject) => {
        const onExit = (code: number | null) => reject(failed ?? new Error(`${name} ended with ${code}.`))
        child.once('exit', onExit)
        child.once('message', (reply) => {
          child.off('exit', onExit)
          const answer = reply as Reply<Result>
          if ('error' in answer) reject(new Error(`${name}: ${answer.error}`))
          else resolve(answer.result)
        })
        child.send(task)
      })
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill()
      await once(child, 'exit')
    },
  }
}
