import { DatabaseSync } from 'node:sqlite'
import { isMainThread, Worker, workerData } from 'node:worker_threads'

/** How often the write-ahead log is looked at, in milliseconds. */
const EVERY = 20

/**
 * Copies the write-ahead log of an SQLite file into the database from a thread of its own, again and again, so that no
 * writer has to.
 *
 * @returns what ends it.
 */
export function checkpointBeside(file: string): () => Promise<void> {
  const worker = new Worker(import.meta.filename, { workerData: file })
  return async () => {
    await worker.terminate()
  }
}

if (!isMainThread) {
  const database = new DatabaseSync(String(workerData))
  database.exec('pragma synchronous=FULL')
  setInterval(() => database.exec('pragma wal_checkpoint(passive)'), EVERY)
}
