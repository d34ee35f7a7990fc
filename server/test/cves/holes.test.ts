import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'
import type { Outcome } from './attack-mutant.ts'
import { type FoundHole, findHoles } from './find-holes.ts'
import { ATTACK_WORKED } from './hole.ts'
import { LESSONS, writeLessons } from './write-lessons.ts'

const SOURCE = join(import.meta.dirname, '../../src')
const MUTANT = join(import.meta.dirname, 'attack-mutant.ts')
/** An attack that hangs is none that failed, in milliseconds. */
const LONGEST = 120_000

const holes = await findHoles()

describe('the hole that others had', { concurrency: availableParallelism() }, () => {
  for (const found of holes) {
    const { hole } = found
    it(`${hole.name}: does not work here`, () => hole.attack())

    it(`${hole.name}: works once its guard is removed`, async () => {
      assert.notEqual(hole.guards.length, 0)
      for (const { file, find, replace } of hole.guards) {
        const places = readFileSync(join(SOURCE, file), 'utf8').split(find).length - 1
        assert.equal(places, 1, `the guard in ${file} has moved, it is there ${places} times:\n${find}`)
        assert.notEqual(find, replace)
      }
      const { error, isAssertion, stack } = await attackMutant(found)
      assert.ok(error !== null, 'the attack fails without the guard too: it is not what keeps the attacker out')
      assert.ok(isAssertion && error.startsWith(ATTACK_WORKED), `without the guard something else happens: ${stack}`)
    })
  }

  it('is told of in docs/lessons.md as it is tested', () => {
    assert.equal(
      readFileSync(LESSONS, 'utf8'),
      writeLessons(holes),
      'docs/lessons.md is out of date: run node server/test/cves/write-lessons.ts',
    )
  })
})

/** Attacks the product without the guards, in a process of its own. */
async function attackMutant({ path, exportName, hole }: FoundHole): Promise<Outcome> {
  const args = [MUTANT, path, exportName, JSON.stringify(hole.guards)]
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    timeout: LONGEST,
    maxBuffer: 16 * 1024 * 1024,
    // What the runner of tests tells its children would have this one write its outcome in the runner's own language.
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
  })
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
}
