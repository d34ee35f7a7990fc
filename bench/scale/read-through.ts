import { closeSync, openSync, readSync } from 'node:fs'

const BUFFER = Buffer.alloc(1 << 20)

/** Reads a file from beginning to end and keeps nothing of it: the system's page cache does. */
export function readThrough(file: string): void {
  const descriptor = openSync(file, 'r')
  while (readSync(descriptor, BUFFER) > 0);
  closeSync(descriptor)
}
