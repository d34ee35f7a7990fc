const started = performance.now()

/** Tells whoever is watching what happens now. The table comes on stdout; this goes beside it. */
export function showProgress(text: string): void {
  const seconds = ((performance.now() - started) / 1000).toFixed(0)
  process.stderr.write(`${seconds.padStart(4)} s  ${text}\n`)
}
