import { cpus } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'

/** How long is watched, in milliseconds. */
const WATCHED = 3000

/** How busy others keep the processors while this process does nothing, from 0 to 1. */
export async function watchOthers(): Promise<number> {
  const before = readTimes()
  await sleep(WATCHED)
  const after = readTimes()
  return 1 - (after.idle - before.idle) / (after.all - before.all)
}

function readTimes(): { idle: number; all: number } {
  const times = cpus().map((cpu) => cpu.times)
  const all = times.flatMap(({ user, nice, sys, idle, irq }) => [user, nice, sys, idle, irq])
  return { idle: sum(times.map(({ idle }) => idle)), all: sum(all) }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
