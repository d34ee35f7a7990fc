import { readFileSync } from 'node:fs'

/** How the page looks. */
export const STYLE = read('page.css') + read('operation.css')

/** A key. */
export const ICON = read('icon.svg')

function read(name: string): string {
  return readFileSync(new URL(name, import.meta.url), 'utf8')
}
