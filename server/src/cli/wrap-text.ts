import { makePrintable } from './print.ts'

/** How wide a line may be: that of the narrowest terminal anybody uses. */
const WIDTH = 80

/** Breaks a text into lines, each after `indent`, at its spaces where it has some. */
export function wrapText(text: string, indent: string): string[] {
  const room = WIDTH - indent.length
  const lines: string[] = []
  let line = ''
  for (const word of makePrintable(text).split(' ')) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line)
      line = ''
    }
    line = line === '' ? word : `${line} ${word}`
    while (line.length > room) {
      lines.push(line.slice(0, room))
      line = line.slice(room)
    }
  }
  return [...lines, line].map((each) => `${indent}${each}`.trimEnd())
}

/** A label and a text beside it, which goes on under itself. */
export function wrapBeside(
  label: string,
  text: string,
  { width, indent }: { width: number; indent: string },
): string[] {
  const [first = '', ...others] = wrapText(text, `${indent}${' '.repeat(width)}`)
  return [`${indent}${label.padEnd(width)}${first.slice(indent.length + width)}`.trimEnd(), ...others]
}

/** A text that is cut where it would fill a screen. */
export function shorten(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most)}…`
}
