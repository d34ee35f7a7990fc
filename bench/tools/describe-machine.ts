import { availableParallelism, cpus, release, totalmem } from 'node:os'

/** Memory in KiB, passes over it, and lanes: Latchkey's defaults, and what the raw hashes are made with. */
export const ARGON2 = { memoryCost: 19456, timeCost: 2, parallelism: 1, outputLen: 32 }

/** How many things can run at once here: as many hashes does Latchkey make at a time. */
export const CORES = availableParallelism()

/** What the figures depend on. */
export function describeMachine(): Readonly<Record<string, string | number>> {
  return {
    cores: CORES,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    memory: `${(totalmem() / 2 ** 30).toFixed(1)} GiB`,
    system: `${process.platform} ${release()} ${process.arch}`,
    node: process.version,
    argon2id: `m=${ARGON2.memoryCost},t=${ARGON2.timeCost},p=${ARGON2.parallelism}`,
  }
}
