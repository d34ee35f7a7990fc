import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Reading } from './setting.ts'

/** Where letters go. `file:./folder` is relative to the working directory, as a database's path is. */
export function readMailUrl(text: string, { directory }: { directory: string }): Reading<string | null> {
  if (text === '') return { value: null }
  if (/^file:(?!\/\/)/.test(text)) return { value: pathToFileURL(resolve(directory, text.slice(5))).href }
  const url = URL.parse(text)
  const isMail = url !== null && ['smtp:', 'smtps:'].includes(url.protocol) && url.hostname !== ''
  if (isMail || (url?.protocol === 'file:' && url.hostname === '')) return { value: text }
  return { problems: ['is no place for mail: write smtp://user:password@host:587, smtps://… or file:./folder.'] }
}

/** Who letters are from: a bare address, or a name with the address in angle brackets. */
export function readMailFrom(text: string): Reading<string | null> {
  if (text === '') return { value: null }
  const isSender = /^(?:[^<>"\r\n]+ )?<[^\s<>@]+@[^\s<>@]+>$|^[^\s<>@,]+@[^\s<>@,]+$/.test(text)
  return isSender ? { value: text } : { problems: ['is no sender: write Name <name@example.com>.'] }
}

/** A page of the team's front end: an http or https address with the given places in it. */
export function readLink(text: string, places: readonly string[]): Reading<string | null> {
  if (text === '') return { value: null }
  const url = URL.parse(text)
  if (url === null || !['http:', 'https:'].includes(url.protocol) || url.username !== '') {
    return { problems: [`is no page: write an address like https://app.example.com/page/${places.join('/')}.`] }
  }
  const missing = places.filter((place) => !text.includes(place))
  return missing.length === 0 ? { value: text } : { problems: [`has no ${missing.join(' and no ')} in it: add it.`] }
}
