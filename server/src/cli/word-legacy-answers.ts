import type { LegacyAnswers } from '../core/ports.ts'

/** Says in a sentence for each contract what its old server was asked so far, and when it was last of use. */
export function wordLegacyAnswers(answers: readonly LegacyAnswers[]): readonly string[] {
  return answers.map(({ contract, accepted, adopted, refused, unavailable, lastAdoptedAt }) => {
    const asked = accepted + refused + unavailable
    const last = lastAdoptedAt === null ? 'nobody yet' : `the last one ${new Date(lastAdoptedAt).toISOString()}`
    return `${contract}: asked ${asked} times; moved in: ${adopted} (${last}), refused: ${refused}, no answer: ${unavailable}`
  })
}
