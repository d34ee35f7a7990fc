const SIGNALS = ['SIGTERM', 'SIGINT'] as const

/** Somebody's wish that the process end. */
export type StopRequest = {
  /** Resolves at the first signal. */
  readonly requested: Promise<void>
  /** Gives the signals back to Node. */
  forget(): void
}

/** Waits for SIGTERM or SIGINT. A second one ends the process at once, whatever is under way. */
export function listenForStop(): StopRequest {
  const { promise, resolve } = Promise.withResolvers<void>()
  let isRequested = false
  for (const signal of SIGNALS) process.on(signal, receive)
  return {
    requested: promise,
    forget() {
      for (const signal of SIGNALS) process.off(signal, receive)
    },
  }

  function receive(): void {
    if (isRequested) process.exit(1)
    isRequested = true
    resolve()
  }
}
