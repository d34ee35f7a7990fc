import { type Browser, chromium } from 'playwright-core'
import { meetNeed, NEEDS } from './needs.ts'

/**
 * Starts a real Chromium without a window. Pages of one context share cookies and storage, as tabs do; close the
 * browser when the test ends: `t.after(() => browser.close())`.
 *
 * @throws {Error} with advice, where there is no Chromium and none can be installed.
 */
export async function openBrowser(): Promise<Browser> {
  // Chromium's own fence wants user namespaces, which root is refused and containers often have not.
  const args = process.getuid?.() === 0 ? ['--no-sandbox', '--disable-dev-shm-usage'] : ['--disable-dev-shm-usage']
  return chromium.launch({ executablePath: meetNeed(NEEDS.chromium), args, timeout: 120_000 })
}
