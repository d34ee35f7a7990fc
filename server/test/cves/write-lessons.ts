import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type FoundHole, findHoles } from './find-holes.ts'
import { NOT_APPLICABLE } from './not-applicable.ts'

/** The page that tells of the holes others had. */
export const LESSONS: string = fileURLToPath(new URL('../../../docs/lessons.md', import.meta.url))

/** What was learned from the holes others had, from the files that test for them. */
export function writeLessons(holes: readonly FoundHole[]): string {
  const tested = holes.map(
    ({ file, hole }) =>
      `| ${inCell(hole.name)} | ${inCell(hole.happened)} | ${inCell(hole.stands)} | [\`${file}\`](../server/test/cves/holes/${file}) |`,
  )
  const others = NOT_APPLICABLE.map(
    ({ name, happened, because }) => `| ${inCell(name)} | ${inCell(happened)} | ${inCell(because)} |`,
  )
  return [
    '# The holes others had',
    '',
    '<!-- Made from server/test/cves by `node server/test/cves/write-lessons.ts`; its test compares. -->',
    '',
    'Auth servers and what they are built of have been broken in ways that were published. Each that could be here is',
    'tried on the real server by a test, and once more on a server from which the guard was taken, where it has to work:',
    'so a test that sees nothing is seen. `npm test -- cves` runs them.',
    '',
    '| Hole | What happened | How Latchkey stands | Test |',
    '|---|---|---|---|',
    ...tested,
    '',
    '## Those that cannot be here',
    '',
    '| Hole | What happened | Why it does not apply |',
    '|---|---|---|',
    ...others,
    '',
  ].join('\n')
}

function inCell(text: string): string {
  return text.replaceAll('|', '\\|')
}

if (import.meta.main) writeFileSync(LESSONS, writeLessons(await findHoles()))
