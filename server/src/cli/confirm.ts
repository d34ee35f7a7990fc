import type { CommandContext } from './command.ts'
import { openPrompt } from './open-prompt.ts'

/** Asks a person on a terminal to agree; anything but yes is no. */
export async function confirm(context: Pick<CommandContext, 'stdin' | 'stderr'>, question: string): Promise<boolean> {
  const prompt = openPrompt(context)
  try {
    const answer = await prompt.ask(`${question} [y/N] `, { isHidden: false })
    return /^\s*y(es)?\s*$/i.test(answer ?? '')
  } finally {
    prompt.close()
  }
}
