import { createReadStream } from 'node:fs'
import { MOST_TEXT } from './recorded.ts'

/** A line of a file, or `null` in the place of one that is too long to be kept. */
export type Line = { readonly number: number; readonly text: string | null; readonly bytesRead: number }

/** Reads a file line by line, in bounded memory however long its lines are. */
export async function* readLines(file: string): AsyncGenerator<Line> {
  const stream = createReadStream(file, { encoding: 'utf8' })
  let rest = ''
  let isTooLong = false
  let number = 0
  for await (const chunk of stream) {
    const pieces = String(chunk).split('\n')
    const last = pieces.pop() ?? ''
    for (const piece of pieces) {
      number += 1
      const isLonger = isTooLong || rest.length + piece.length > MOST_TEXT
      const text = isLonger ? null : `${rest}${piece}`.replace(/\r$/, '')
      yield { number, text, bytesRead: stream.bytesRead }
      rest = ''
      isTooLong = false
    }
    rest = isTooLong ? '' : rest + last
    if (rest.length > MOST_TEXT) isTooLong = true
    if (isTooLong) rest = ''
  }
  if (rest !== '' || isTooLong) yield { number: number + 1, text: isTooLong ? null : rest, bytesRead: stream.bytesRead }
}
