import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { makeDirectory } from '../../test/kit/server-process.ts'
import { claimName, claimWithoutLinks } from './put-in-place.ts'

for (const [where, claim] of [
  ['a file system with hard links', claimName],
  ['one without', claimWithoutLinks],
] as const) {
  describe(`a name claimed on ${where}`, () => {
    it('is given to the finished file', () => {
      const [draft, path] = makeFile()
      claim(draft, path)
      assert.equal(readFileSync(path, 'utf8'), 'whole')
      assert.ok(!existsSync(draft))
    })

    it('is left to whoever has it', () => {
      const [draft, path] = makeFile()
      writeFileSync(path, 'another')
      assert.throws(() => claim(draft, path), { code: 'EEXIST' })
      assert.equal(readFileSync(path, 'utf8'), 'another')
      assert.equal(readFileSync(draft, 'utf8'), 'whole')
    })

    it('stays free when there is nothing to give it to', () => {
      const [draft, path] = makeFile()
      assert.throws(() => claim(`${draft}-lost`, path), { code: 'ENOENT' })
      assert.ok(!existsSync(path))
    })
  })
}

function makeFile(): readonly [draft: string, path: string] {
  const directory = makeDirectory()
  const draft = join(directory, 'draft')
  writeFileSync(draft, 'whole')
  return [draft, join(directory, 'path')]
}
