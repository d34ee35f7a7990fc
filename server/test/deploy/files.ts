import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'

/** The root of the repository, with a slash at its end. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/** Any part of a YAML file: reading it goes wrong, loudly, where something is not there. */
// biome-ignore lint/suspicious/noExplicitAny: a manifest has no type of ours, and a test of it reads what it needs.
export type Yaml = any

/** Reads a file by its path from the root of the repository. */
export function readText(path: string): string {
  return readFileSync(`${ROOT}${path}`, 'utf8')
}

/** Reads YAML as Compose does: 1.2, with `<<`. */
export function readCompose(): Yaml {
  return parse(readText('deploy/compose.yaml'), { merge: true, strict: true })
}

/** Reads YAML as Kubernetes does: 1.1, in which 0440 is octal. */
export function readManifest(name: string): Yaml {
  return parse(readText(`deploy/kubernetes/${name}`), { version: '1.1', strict: true })
}

/** One instruction of a Dockerfile, with lines that go on joined, and which stage it stands in. */
export type Instruction = { readonly name: string; readonly rest: string; readonly stage: number }

/** Reads the instructions of a Dockerfile. */
export function readDockerfile(): readonly Instruction[] {
  const lines = readText('deploy/Dockerfile')
    .replaceAll(/^\s*#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '')
  let stage = -1
  return lines.map((line) => {
    const { name = '', rest = '' } = /^(?<name>[A-Z]+)\s+(?<rest>.*)$/.exec(line)?.groups ?? {}
    if (name === 'FROM') stage++
    return { name, rest, stage }
  })
}

/** How long a server that is asked to stop may take, in seconds: what it was compiled with. */
export function readDrainSeconds(): number {
  const text = /LONGEST_DRAIN = ([\d_]+)/.exec(readText('server/src/start.ts'))?.[1] ?? ''
  return Number(text.replaceAll('_', '')) / 1000
}

/** The seconds in a duration such as `25s` or `2m`. */
export function toSeconds(duration: string): number {
  const { count, unit } = /^(?<count>\d+)(?<unit>s|m)$/.exec(duration)?.groups ?? {}
  return Number(count) * (unit === 'm' ? 60 : 1)
}
