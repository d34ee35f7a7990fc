import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hash as hashBcrypt } from 'bcryptjs'
import { readLegacyHash } from '../../src/crypto/legacy/read-legacy-hash.ts'
import { createLegacyHashes } from '../../src/crypto/legacy/take-in.ts'
import { type MadeHash, makeHashes } from './make-hashes.ts'
import newestDjango from './newest-django.json' with { type: 'json' }
import recorded from './recorded.json' with { type: 'json' }

const hashes = createLegacyHashes({ memory: 64, passes: 1, lanes: 1 })

/** Takes a hash in as an import does, and says what is stored and whether a password is the one. */
async function takeIn(made: MadeHash): Promise<{ stored: string; verify: (password: string) => Promise<boolean> }> {
  const taken = await hashes.takeIn(made.hash)
  assert.ok(!('problem' in taken), `${made.made_by}, ${made.kind}: ${JSON.stringify(taken)}`)
  const { stored, legacyFormat } = taken
  assert.ok(stored !== null)
  // One that is as good as ours is not read as another back end's: it is checked here all the same.
  const read = readLegacyHash(stored)
  assert.ok(read !== null && 'hash' in read, `${made.kind}: ${stored}`)
  assert.equal(read.format, legacyFormat ?? 'argon2id')
  return { stored, verify: (password) => read.hash.verify(password) }
}

function nameOf({ made_by, kind }: MadeHash): string {
  return `${made_by}: ${kind}`
}

async function check(made: MadeHash): Promise<void> {
  const { verify } = await takeIn(made)
  const name = `${nameOf(made)}, ${made.password}`
  assert.equal(await verify(made.password), true, name)
  // Those of its usual cost take long enough as it is.
  if (made.password !== 'Passw0rd!x') assert.equal(await verify(`!${made.password.slice(1)}`), false, name)
}

describe('a hash of another back end', () => {
  for (const name of new Set(recorded.map(nameOf))) {
    it(`is checked as it was made by ${name}`, async () => {
      await Promise.all(recorded.filter((made) => nameOf(made) === name).map(check))
    })
  }

  for (const kind of new Set(newestDjango.map((made) => made.kind))) {
    it(`is checked as the newest Django makes it: ${kind}`, async () => {
      const matches = newestDjango
        .filter((made) => made.kind === kind)
        .map(async (made) => (await takeIn(made)).verify(made.password))
      for (const matched of await Promise.all(matches)) assert.equal(matched, true)
    })
  }

  it('is checked as the libraries make it that are installed now', async () => {
    const password = `an unforeseen password ${Math.random()} é🔐`
    const made = await makeHashes([password], 'low')
    assert.ok(made.length > 40)
    for (const one of made) await check(one)
  })

  it('is checked as bcryptjs makes it for Express apps, to the 72nd byte', async () => {
    for (const password of ['Passw0rd!x', 'пароль密码🔐 long', 'pass\0word']) {
      await check({ made_by: 'bcryptjs', kind: '2b', password, hash: await hashBcrypt(password, 4) })
    }
    const { verify } = await takeIn({ made_by: '', kind: '', password: '', hash: await hashBcrypt('a'.repeat(80), 4) })
    assert.equal(await verify('a'.repeat(72)), true)
    assert.equal(await verify(`${'a'.repeat(72)}b`), true)
    assert.equal(await verify('a'.repeat(71)), false)
  })

  it('that was quick to try leaves nothing of its digest in what is stored', async () => {
    const quick = recorded.filter(({ kind }) =>
      /MD5|dSHA1Password|^SHA1Password|few|ldap|phpass|md5|sha\d+_crypt|^sha\d|:900/.test(kind),
    )
    assert.ok(quick.length >= 50)
    for (const made of quick) {
      const { stored } = await takeIn(made)
      assert.match(stored, /^wrapped:\$argon2id\$/, made.kind)
      const last = made.hash.split(/[$}]/).at(-1) ?? ''
      // The salt may stay, the digest may not: neither as it came nor in another encoding.
      const digest = made.kind === 'phpass' || made.kind.startsWith('phpass') ? last.slice(-22) : last
      for (let at = 0; at + 12 <= Math.min(digest.length, 22); at++) {
        assert.ok(!stored.includes(digest.slice(at, at + 12)), `${made.kind}: ${stored}`)
      }
    }
  })
})
