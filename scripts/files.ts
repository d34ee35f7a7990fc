import { readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Every file below a folder, as paths from that folder with forward slashes, sorted. */
export function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )
    .sort()
}

/** Whether a file is a test, or the shared part of several. */
export function isTest(file: string): boolean {
  return /\.(test|suite)\.ts$/.test(file)
}
