import type { Config } from '../../config/config.ts'
import { openLatchkey } from '../../open-latchkey.ts'
import { BACKUP_NOTE } from '../../store/sql/sqlite/copy.ts'
import type { Output } from '../command.ts'
import { CommandFailure } from '../refusals.ts'
import type { Progress } from '../show-progress.ts'
import { wordReason } from './word-reason.ts'

/** What a restored database holds. */
export type FinishedDraft = {
  readonly accounts: number
  /** In ISO 8601; `null` where the file was not made by `latchkey backup`. */
  readonly madeAt: string | null
  readonly migrated: readonly string[]
}

/**
 * Makes a copy of a backup fit to be the database: up to date, with a new credential version for every account, and
 * looked through once more.
 *
 * @throws {CommandFailure} one sentence for the operator.
 */
export async function finishDraft(
  config: Config,
  { stderr, progress }: { stderr: Output; progress: Progress },
): Promise<FinishedDraft> {
  progress.show('Finishing')
  try {
    // No letters are sent from a draft.
    const latchkey = await openLatchkey({ ...config, mailUrl: null }, { stderr, mustMigrate: true })
    try {
      await latchkey.core.administration.revokeEverySession()
      const madeAt = await latchkey.readNote(BACKUP_NOTE)
      latchkey.core.administration.noteRestore({ madeAt })
      progress.show('Checking')
      const { accounts, integrity } = await latchkey.inspect()
      if (integrity !== 'ok') {
        const reason = integrity.replaceAll('\n', ' ')
        throw new CommandFailure(
          `The copy is damaged (${reason}), though the backup is not: look to the disk. Nothing was changed.`,
        )
      }
      return { accounts, madeAt, migrated: latchkey.migrated }
    } finally {
      await latchkey.close()
    }
  } catch (cause) {
    if (cause instanceof CommandFailure) throw cause
    throw new CommandFailure(`The copy could not be finished: ${wordReason(cause)} Nothing was changed.`, { cause })
  }
}
