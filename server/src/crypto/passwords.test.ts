import assert from 'node:assert/strict'
import { argon2Sync, pbkdf2Sync } from 'node:crypto'
import { before, describe, it } from 'node:test'
import { hash as hashBcrypt } from '@node-rs/bcrypt'
import type { Passwords } from '../core/ports.ts'
import { createPasswords } from './passwords.ts'

const LIGHT = { memory: 8, passes: 1, lanes: 1 }

describe('passwords', () => {
  let passwords: Passwords
  before(async () => {
    passwords = await createPasswords(LIGHT)
  })

  it('are hashed as argon2id PHC strings with the parameters in force, 16 bytes of salt and 32 of tag', async () => {
    const real = await createPasswords({ memory: 19_456, passes: 2, lanes: 1 })
    const hash = await real.hash('correct horse')
    const match = /^\$argon2id\$v=19\$m=19456,t=2,p=1\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(hash)
    const salt = Buffer.from(match?.[1] ?? '', 'base64')
    const tag = Buffer.from(match?.[2] ?? '', 'base64')
    assert.equal(salt.length, 16)
    // What Node's own argon2id makes of the same.
    const options = { message: 'correct horse', nonce: salt, parallelism: 1, tagLength: 32, memory: 19_456, passes: 2 }
    assert.deepEqual(tag, argon2Sync('argon2id', options))
    assert.equal(await real.verify(hash, 'correct horse'), true)
    assert.equal(await real.verify(hash, 'correct horsf'), false)
  })

  it('never have the same salt twice', async () => {
    const hashes: string[] = []
    // Ten at once: on a machine that is busy with other things, all of them would be refused.
    while (hashes.length < 200) {
      hashes.push(...(await Promise.all(Array.from({ length: 10 }, () => passwords.hash('same')))))
    }
    assert.equal(new Set(hashes.map((hash) => hash.split('$')[4])).size, 200)
  })

  it('are told apart to the last character, whatever they hold', async () => {
    const texts = [
      '',
      'a',
      'a\0',
      'a\0b',
      '\0',
      ' a',
      'a ',
      'A',
      'a'.repeat(72),
      'a'.repeat(73),
      `${'a'.repeat(1023)}b`,
      'a'.repeat(1024),
      '🦊'.repeat(1024),
      `${'🦊'.repeat(1023)}🐻`,
      '\u00e9',
      'e\u0301',
    ]
    for (const text of texts) {
      const hash = await passwords.hash(text)
      for (const other of texts) {
        assert.equal(await passwords.verify(hash, other), text === other, JSON.stringify([text, other]).slice(0, 80))
      }
    }
  })

  it('never match where there is no hash, at the same cost as a wrong password', async () => {
    assert.equal(await passwords.verify(null, ''), false)
    assert.equal(await passwords.verify(null, 'decoy'), false)
    const slow = await createPasswords({ memory: 19_456, passes: 2, lanes: 1 })
    const hash = await slow.hash('x')
    const time = async (passwordHash: string | null) => {
      const started = performance.now()
      await slow.verify(passwordHash, 'wrong')
      return performance.now() - started
    }
    const samples = { none: [] as number[], wrong: [] as number[] }
    for (let index = 0; index < 15; index++) {
      samples.none.push(await time(null))
      samples.wrong.push(await time(hash))
    }
    const ratio = median(samples.none) / median(samples.wrong)
    // Without its decoy the check would take a thousandth of the time; what a busy machine does is not judged here.
    assert.ok(ratio > 0.2 && ratio < 5, `ratio ${ratio}`)
  })

  it('take as long to check against a hash that was made with less', async () => {
    const slow = await createPasswords({ memory: 19_456, passes: 2, lanes: 1 })
    const hashes = { own: await slow.hash('x'), light: await passwords.hash('x') }
    const samples = { own: [] as number[], light: [] as number[] }
    for (let index = 0; index < 15; index++) {
      for (const name of ['own', 'light'] as const) {
        const started = performance.now()
        assert.equal(await slow.verify(hashes[name], index % 2 === 0 ? 'wrong' : 'x'), index % 2 !== 0)
        samples[name].push(performance.now() - started)
      }
    }
    const ratio = median(samples.light) / median(samples.own)
    // By itself the light one would take a hundredth of the time. How nearly alike they are is measured by test:attack.
    assert.ok(ratio > 0.5 && ratio < 2, `ratio ${ratio}`)
  })

  it('never match a hash that is none or that would cost too much to check, and the operator is told once', async () => {
    const told: string[] = []
    const watched = await createPasswords(LIGHT, { warn: (sentence) => told.push(sentence) })
    const salt = 'c2FsdHNhbHRzYWx0c2FsdA'
    const tag = 'A'.repeat(43)
    const table = [
      '',
      'x',
      '$2b$12$abcdefghijklmnopqrstuv',
      `$argon2id$v=19$m=4194304,t=1,p=1$${salt}$${tag}`,
      `$argon2id$v=19$m=262145,t=1,p=1$${salt}$${tag}`,
      `$argon2id$v=19$m=8,t=11,p=1$${salt}$${tag}`,
      `$argon2id$v=19$m=8,t=4294967295,p=1$${salt}$${tag}`,
      `$argon2id$v=19$m=256,t=1,p=17$${salt}$${tag}`,
      `$argon2id$v=19$m=8,t=1,p=4$${salt}$${tag}`,
      `$argon2id$v=19$m=8,t=0,p=1$${salt}$${tag}`,
      `$argon2id$v=19$m=8,t=1,p=0$${salt}$${tag}`,
      `$argon2id$v=19$t=1,m=4194304,p=1$${salt}$${tag}`,
      `$argon2id$v=19$m=8,t=1,p=1$${salt}$AAAA`,
      `$argon2id$v=19$m=8,t=1,p=1$$${tag}`,
      `$argon2id$v=19$m=8,t=1,p=1$${salt}`,
      `$argon2id$v=19$m=8,t=1,p=1$${salt}$${tag}\n`,
      `$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAB$${tag}`,
      `$argon2id$v=19$m=08,t=1,p=1$${salt}$${tag}`,
    ]
    for (const hash of table) {
      const started = performance.now()
      assert.equal(await watched.verify(hash, 'x'), false, hash)
      const took = performance.now() - started
      // The least of them would take seconds and gigabytes; a check against the light decoy takes a tenth of a millisecond.
      assert.ok(took < 1000, `${hash} took ${took} ms`)
    }
    assert.equal(told.length, 1)
  })

  it('match hashes of any argon2, within the bounds, that others made', async () => {
    for (const kind of ['argon2id', 'argon2i', 'argon2d'] as const) {
      const nonce = Buffer.from('saltsaltsaltsalt')
      const made = { message: 'x', nonce, parallelism: 4, tagLength: 16, memory: 1024, passes: 3 }
      const [salt, tag] = [nonce, argon2Sync(kind, made)].map((bytes) => bytes.toString('base64').replaceAll('=', ''))
      const hash = `$${kind}$v=19$m=1024,t=3,p=4$${salt}$${tag}`
      assert.equal(await passwords.verify(hash, 'x'), true, hash)
      assert.equal(await passwords.verify(hash, 'y'), false, hash)
    }
  })

  it('match what back ends before stored, exactly as typed, and need a hash of ours then', async () => {
    const salt = 'saltsalt'
    const digest = pbkdf2Sync('cafe\u0301', salt, 1000, 32, 'sha256').toString('base64')
    const table: readonly [hash: string, password: string][] = [
      [`pbkdf2_sha256$1000$${salt}$${digest}`, 'cafe\u0301'],
      [await hashBcrypt('x', { cost: 4 }), 'x'],
      [`argon2${await passwords.hash('x')}`, 'x'],
    ]
    for (const [hash, password] of table) {
      assert.equal(passwords.canCheck(hash), true, hash)
      assert.equal(await passwords.verify(hash, password), true, hash)
      assert.equal(await passwords.verify(hash, `${password} `), false, hash)
      assert.equal(passwords.needsRehash(hash), true, hash)
      assert.deepEqual(passwords.spellAsBefore(hash, password), [], hash)
    }
    assert.equal(await passwords.verify(table[0]?.[0] ?? '', 'caf\u00e9'), false)
  })

  it('are spelled as back ends before did only where those made the hash', async () => {
    const phpass = '$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0'
    assert.deepEqual(passwords.spellAsBefore(phpass, ' x '), ['x'])
    assert.equal(passwords.spellAsBefore(await passwords.hash('x'), ' x '), null)
    assert.equal(passwords.spellAsBefore(null, ' x '), null)
    assert.equal(passwords.spellAsBefore('none that can be checked', ' x '), null)
  })

  it('take as long to check against a hash of a back end before that is quicker', async () => {
    const slow = await createPasswords({ memory: 19_456, passes: 2, lanes: 1 })
    const hashes = { own: await slow.hash('x'), quick: await hashBcrypt('x', { cost: 4 }) }
    const samples = { own: [] as number[], quick: [] as number[] }
    for (let index = 0; index < 15; index++) {
      for (const name of ['own', 'quick'] as const) {
        const started = performance.now()
        assert.equal(await slow.verify(hashes[name], index % 2 === 0 ? 'wrong' : 'x'), index % 2 !== 0)
        samples[name].push(performance.now() - started)
      }
    }
    const ratio = median(samples.quick) / median(samples.own)
    // By itself the quick one would take a tenth of the time.
    assert.ok(ratio > 0.5 && ratio < 2, `ratio ${ratio}`)
  })

  it('cannot be checked against a hash that is none or too dear, of which the operator is told once', async () => {
    const told: string[] = []
    const watched = await createPasswords(LIGHT, { warn: (sentence) => told.push(sentence) })
    const digest = 'A'.repeat(43)
    for (const hash of [
      '',
      '!',
      `pbkdf2_sha256$10000001$salt$${digest}=`,
      '$2b$31$abcdefghijklmnopqrstuu'.padEnd(60, 'x'),
    ]) {
      assert.equal(watched.canCheck(hash), false, hash)
    }
    assert.equal(told.length, 1)
    assert.equal(watched.canCheck(await watched.hash('x')), true)
  })

  it('need a new hash when any parameter has risen, or the algorithm is another', async () => {
    const stronger = await createPasswords({ memory: 16, passes: 2, lanes: 2 })
    const table: readonly [string, boolean][] = [
      ['$argon2id$v=19$m=16,t=2,p=2$c2FsdHNhbHQ$dGFn', false],
      ['$argon2id$v=19$m=32,t=3,p=4$c2FsdHNhbHQ$dGFn', false],
      ['$argon2id$v=19$m=15,t=2,p=2$c2FsdHNhbHQ$dGFn', true],
      ['$argon2id$v=19$m=16,t=1,p=2$c2FsdHNhbHQ$dGFn', true],
      ['$argon2id$v=19$m=16,t=2,p=1$c2FsdHNhbHQ$dGFn', true],
      ['$argon2i$v=19$m=16,t=2,p=2$c2FsdHNhbHQ$dGFn', true],
      ['$argon2id$v=16$m=16,t=2,p=2$c2FsdHNhbHQ$dGFn', true],
      ['$2b$12$abcdefghijklmnopqrstuv', true],
      ['', true],
    ]
    for (const [hash, expected] of table) assert.equal(stronger.needsRehash(hash), expected, hash)
    assert.equal(stronger.needsRehash(await stronger.hash('x')), false)
    assert.equal(stronger.needsRehash(await passwords.hash('x')), true)
  })

  it('are refused as overloaded when they would wait too long, and taken again afterwards', async () => {
    const slow = await createPasswords({ memory: 65_536, passes: 6, lanes: 1 }, { workers: 1 })
    await slow.hash('measured')
    assert.equal(slow.isFull(), false)
    const asked = Array.from({ length: 100 }, () => slow.hash('x'))
    assert.equal(slow.isFull(), true)
    const outcomes = await Promise.allSettled(asked)
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []))
    assert.ok(refused.length > 0 && refused.length < 100, `${refused.length} refused`)
    for (const error of refused) {
      assert.equal(error.code, 'overloaded')
      assert.ok(Number.isInteger(error.retryAfter) && error.retryAfter >= 2 && error.retryAfter <= 5)
    }
    assert.ok(new Set(refused.map((error) => error.retryAfter)).size > 1, 'all were told to come back together')
    assert.match(await slow.hash('x'), /^\$argon2id\$/)
  })
})

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0
}
