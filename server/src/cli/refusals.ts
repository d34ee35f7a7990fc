/** A command line that was not understood: its message is a sentence, and the exit code 2. */
export class UsageError extends Error {
  override readonly name: string = 'UsageError'
}

/** A command that was understood and could not be done: its message is a sentence, and the exit code 1. */
export class CommandFailure extends Error {
  override readonly name: string = 'CommandFailure'
}
