import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Hole } from './hole.ts'

const FOLDER = join(import.meta.dirname, 'holes')

/** A hole, and the file that tells of it. */
export type FoundHole = {
  readonly file: string
  readonly path: string
  readonly exportName: string
  readonly hole: Hole
}

/** Every hole that there is a file for, by the names of the files. */
export async function findHoles(): Promise<readonly FoundHole[]> {
  const found: FoundHole[] = []
  for (const file of readdirSync(FOLDER).sort()) {
    const path = join(FOLDER, file)
    const exported: Readonly<Record<string, Hole>> = await import(pathToFileURL(path).href)
    for (const [exportName, hole] of Object.entries(exported)) found.push({ file, path, exportName, hole })
  }
  return found
}
