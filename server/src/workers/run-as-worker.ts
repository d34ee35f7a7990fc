import cluster from 'node:cluster'
import { startServer } from '../start.ts'
import { type Order, type Report, readOrder } from './messages.ts'
import { LEADER } from './worker-place.ts'

/** Whether this process is a worker of the process that started it. */
export function isWorker(env: Readonly<Record<string, string | undefined>>): boolean {
  return cluster.isWorker && env[LEADER] === String(process.ppid)
}

/**
 * Serves as the leading process orders, and ends when that says so, or is asked to by a signal, or is gone. A signal
 * means the same each time: whoever wants all of it to end at once tells the leading process twice. Before the order to
 * start, a signal means nothing: Ctrl-C reaches everybody, and it is for who leads to say that nothing begins.
 *
 * @param options.describe words why it could not serve.
 * @returns the exit code.
 */
export async function runAsWorker({ describe }: { describe: (error: unknown) => string }): Promise<0 | 1> {
  const { started, stopped } = listenForOrders()
  try {
    await report({ type: 'ready' })
    const order = await Promise.race([started, stopped])
    if (order === null) return 0
    const server = await startServer(order.config, { cores: order.cores, isWorker: true })
    await report({ type: 'listening', url: server.url, mounted: server.mounted })
    await stopped
    await server.stop()
    return 0
  } catch (error) {
    await report({ type: 'failed', sentence: describe(error) })
    return 1
  } finally {
    // Nothing else keeps a finished worker alive.
    cluster.worker?.disconnect()
  }
}

function listenForOrders(): { started: Promise<Order & { type: 'start' }>; stopped: Promise<null> } {
  const started = Promise.withResolvers<Order & { type: 'start' }>()
  const stopped = Promise.withResolvers<null>()
  let isOrdered = false
  process.on('message', (message) => {
    const order = readOrder(message)
    if (order?.type === 'stop') stopped.resolve(null)
    if (order?.type !== 'start') return
    isOrdered = true
    started.resolve(order)
  })
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (isOrdered) stopped.resolve(null)
    })
  }
  return { started: started.promise, stopped: stopped.promise }
}

/** Resolves when it was told, or can be told no more: this process is then about to end. */
function report(message: Report): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined) resolve()
    else process.send(message, () => resolve())
  })
}
