import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import type { CommandContext } from './command.ts'

/** A conversation on a terminal. */
export type Prompt = {
  /** Asks, and resolves to the answer, or to `null` when the person ends the conversation (Ctrl-C, Ctrl-D). */
  ask(question: string, options: { isHidden: boolean }): Promise<string | null>
  close(): void
}

/** Opens a conversation. Questions go to stderr, so that stdout stays the command's answer. */
export function openPrompt({ stdin, stderr }: Pick<CommandContext, 'stdin' | 'stderr'>): Prompt {
  let isMuted = true
  let isClosed = false
  let waiting: ((answer: string | null) => void) | null = null
  const typedAhead: string[] = []
  const echo = new Writable({
    write(chunk, _encoding, done) {
      if (!isMuted) stderr.write(String(chunk))
      done()
    },
  })
  const reader = createInterface({ input: stdin, output: echo, terminal: true, historySize: 0 })
  reader.on('line', (line) => (waiting === null ? typedAhead.push(line) : answer(line)))
  reader.on('SIGINT', () => reader.close())
  reader.on('close', () => {
    isClosed = true
    answer(null)
  })
  return {
    ask(question, { isHidden }) {
      stderr.write(question)
      isMuted = isHidden
      return new Promise((resolve) => {
        waiting = (text) => {
          if (isHidden) stderr.write('\n')
          isMuted = true
          resolve(text)
        }
        const ready = typedAhead.shift()
        if (ready !== undefined) answer(ready)
        else if (isClosed) answer(null)
      })
    },
    close: () => reader.close(),
  }

  function answer(text: string | null): void {
    const resolve = waiting
    waiting = null
    resolve?.(text)
  }
}
