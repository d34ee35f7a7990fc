import type { Reply } from './start-child.ts'

/** In a child: does each task that comes, one after the other. */
export function doTasks<Task, Result>(work: (task: Task) => Promise<Result>): void {
  process.on('message', (task) => {
    work(task as Task).then(
      (result) => send({ result }),
      (error) => send({ error: error instanceof Error ? error.message : String(error) }),
    )
  })
  process.on('disconnect', () => process.exit())
}

function send(reply: Reply<unknown>): void {
  process.send?.(reply)
}
