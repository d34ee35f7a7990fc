import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { makeTree } from './made-up-tree.ts'

const REPORT = `import { report } from '${import.meta.resolve('./violations.ts')}'\n`

test('a verdict with violations prints a line for each and ends with 1', (context) => {
  const violation = "{ file: 'a.ts', line: 3, what: 'is bad', why: 'bad is bad', fix: 'make it good' }"
  const root = makeTree(context, { 'bad.mjs': `${REPORT}report('check', { violations: [${violation}], checked: '' })` })
  const { status, stdout, stderr } = spawnSync(process.execPath, ['bad.mjs'], { cwd: root, encoding: 'utf8' })
  assert.deepEqual(
    { status, stdout, stderr },
    { status: 1, stdout: '', stderr: 'a.ts:3: is bad; bad is bad; make it good\ncheck: 1 to mend\n' },
  )
})

test('a verdict without violations prints one line and ends with 0', (context) => {
  const root = makeTree(context, { 'good.mjs': `${REPORT}report('check', { violations: [], checked: '3 files' })` })
  const { status, stdout, stderr } = spawnSync(process.execPath, ['good.mjs'], { cwd: root, encoding: 'utf8' })
  assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: 'check: 3 files\n', stderr: '' })
})
