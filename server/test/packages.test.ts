import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'

/** How many packages the server needs at run time. It may only go down: see "Packages" in CONTRIBUTING.md. */
const AT_MOST = 69

type LockedPackage = {
  readonly dev?: boolean
  readonly link?: boolean
  readonly optional?: boolean
  readonly hasInstallScript?: boolean
}

describe('the packages', () => {
  const { packages } = JSON.parse(readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8')) as {
    packages: Readonly<Record<string, LockedPackage>>
  }
  const installed = Object.entries(packages).filter(([path]) => path.includes('node_modules/'))

  it(`at run time are at most ${AT_MOST}, besides Node itself and builds for one platform`, () => {
    const atRunTime = installed.filter(([, { dev, link, optional }]) => !dev && !link && !optional)
    assert.ok(atRunTime.length > 10)
    assert.ok(
      atRunTime.length <= AT_MOST,
      `${atRunTime.length}: each is somebody else's release day. Read "Packages" in CONTRIBUTING.md before raising this.`,
    )
  })

  it('have no install script', () => {
    assert.deepEqual(
      installed.filter(([, { hasInstallScript }]) => hasInstallScript === true).map(([path]) => path),
      [],
    )
  })
})
