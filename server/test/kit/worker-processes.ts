import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { type KeptConnection, openConnection } from './kept-connection.ts'
import type { ServerProcess } from './server-process.ts'

/** A connection, and the process at its other end. */
export type Reached = KeptConnection & { readonly processId: number }

/** The lines of JSON that a server has logged so far. */
export function readLog(server: Pick<ServerProcess, 'output'>): Readonly<Record<string, unknown>>[] {
  return server
    .output()
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line))
}

/** Opens a connection and finds out which process has it: the audit line of a registration tells. */
export async function reach(server: ServerProcess): Promise<Reached> {
  const connection = openConnection(server.port)
  const word = randomUUID()
  const before = auditLines().length
  const json = { username: word, password: 'Password-1' }
  const { status } = await connection.ask({ path: '/api/users/register/', json })
  if (status !== 201) throw new Error(`A registration was answered ${status}.`)
  const [line] = await until(() => auditLines().slice(before), 'the registration is not in the log')
  return { ...connection, processId: Number(line?.pid) }

  function auditLines() {
    return readLog(server).filter(({ audit }) => audit !== undefined)
  }
}

/** Opens connections until there is one to each of so many processes. */
export async function reachAll(server: ServerProcess, count: number): Promise<readonly Reached[]> {
  const reached = new Map<number, Reached>()
  for (let tries = 0; reached.size < count; tries++) {
    if (tries === 20) throw new Error(`20 connections reached ${reached.size} processes.`)
    const connection = await reach(server)
    if (reached.has(connection.processId)) connection.close()
    else reached.set(connection.processId, connection)
  }
  return [...reached.values()]
}

/** Waits until something is there: not null, not false, not empty. */
export async function until<Found>(find: () => Found | Promise<Found>, complaint: string): Promise<Found> {
  for (let tries = 0; tries < 1000; tries++) {
    const found = await find()
    const isThere = Array.isArray(found) ? found.length > 0 : found !== null && found !== false
    if (isThere) return found
    await sleep(20)
  }
  throw new Error(`After 20 s ${complaint}.`)
}

/** Whether a process is there and has not ended. */
export function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0)
    // Whoever should have noticed its end may not have done so yet.
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${processId}/stat`, 'utf8'))
  } catch {
    return false
  }
}
