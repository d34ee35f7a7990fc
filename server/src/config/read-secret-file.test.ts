import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isSecretOpen } from './read-secret-file.ts'

const ROOT = 0
const US = 10_001
const ROWS: readonly { uid: number; mode: number; user: number; isOpen: boolean; is: string }[] = [
  { uid: US, mode: 0o600, user: US, isOpen: false, is: 'its owner’s alone' },
  { uid: US, mode: 0o400, user: US, isOpen: false, is: 'its owner’s alone, and not to be written' },
  { uid: US, mode: 0o640, user: US, isOpen: true, is: 'a user’s and readable by a group' },
  { uid: ROOT, mode: 0o440, user: US, isOpen: false, is: 'root’s and readable by a group, as Kubernetes mounts it' },
  { uid: ROOT, mode: 0o640, user: US, isOpen: false, is: 'root’s and readable by a group' },
  { uid: ROOT, mode: 0o460, user: US, isOpen: true, is: 'root’s and writable by a group' },
  { uid: ROOT, mode: 0o444, user: US, isOpen: true, is: 'root’s and readable by all' },
  { uid: ROOT, mode: 0o440, user: ROOT, isOpen: true, is: 'root’s, readable by a group, and we are root' },
]

describe('the file of a secret', () => {
  for (const { uid, mode, user, isOpen, is } of ROWS) {
    it(`is ${isOpen ? 'refused' : 'taken'} that is ${is}`, { skip: process.platform === 'win32' }, () => {
      assert.equal(isSecretOpen({ uid, mode: 0o100000 | mode }, user), isOpen)
    })
  }
})
