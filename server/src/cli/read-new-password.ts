import type { Problem } from '../core/errors.ts'
import { MIN_PASSWORD_LENGTH } from '../core/password-rules.ts'
import { countCodePoints } from '../core/text.ts'
import type { CommandContext, Input } from './command.ts'
import { openPrompt } from './open-prompt.ts'
import { CommandFailure } from './refusals.ts'

const MAX_LINE_BYTES = 16_384

/**
 * Reads a new password: asked twice and hidden on a terminal, else the one line of stdin. It is kept as it was typed.
 *
 * @returns the password, and what no contract would take of it: core tells that together with whatever else is wrong.
 * @throws {CommandFailure} when there is none.
 */
export async function readNewPassword(
  context: Pick<CommandContext, 'stdin' | 'stderr'>,
): Promise<{ password: string; problems: readonly Problem[] }> {
  const password = context.stdin.isTTY === true ? await askTwice(context) : await readOneLine(context.stdin)
  if (password === '') throw new CommandFailure('No password was given; nothing was changed.')
  return { password, problems: findProblems(password) }
}

function findProblems(password: string): readonly Problem[] {
  const field = 'password'
  if (password.trim() === '') return [{ field, rule: 'blank' }]
  if (countCodePoints(password) >= MIN_PASSWORD_LENGTH) return []
  return [{ field, rule: 'too_short', limit: MIN_PASSWORD_LENGTH }]
}

async function askTwice(context: Pick<CommandContext, 'stdin' | 'stderr'>): Promise<string> {
  const prompt = openPrompt(context)
  try {
    const first = await prompt.ask('Password (hidden): ', { isHidden: true })
    const second = first === null || first === '' ? first : await prompt.ask('Once more: ', { isHidden: true })
    if (first === null || second === null) throw new CommandFailure('Cancelled; nothing was changed.')
    if (first !== second) throw new CommandFailure('The two passwords differ; nothing was changed.')
    return first
  } finally {
    prompt.close()
  }
}

async function readOneLine(stdin: Input): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of stdin) {
    const bytes = Buffer.from(chunk)
    chunks.push(bytes)
    length += bytes.length
    if (bytes.includes('\n') || length > MAX_LINE_BYTES) break
  }
  const text = decode(Buffer.concat(chunks))
  const line = text.replace(/\r?\n$/, '')
  if (length > MAX_LINE_BYTES || /[\r\n]/.test(line)) {
    throw new CommandFailure('A password is one line of stdin, and there is more; nothing was changed.')
  }
  return line
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new CommandFailure('The password on stdin is not UTF-8; nothing was changed.', { cause })
  }
}
