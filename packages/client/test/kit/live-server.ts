import { LIGHT_HASHING } from '../../../../server/test/kit/hashing.ts'
import { startTestApp, type TestApp, type TestOptions } from '../../../../server/test/kit/start-test-app.ts'

/** A Latchkey that listens, with a clock that a test can turn. */
export type LiveServer = TestApp & { readonly url: string }

/** Starts one on a free port. What is tested is what clients make of its answers, not how passwords are hashed. */
export async function startLiveServer(config: NonNullable<TestOptions['config']> = {}): Promise<LiveServer> {
  const test = await startTestApp({ config: { ...LIGHT_HASHING, mailUrl: 'file:///letters', ...config } })
  const url = await test.app.listen({ host: '127.0.0.1', port: 0 })
  return { ...test, url }
}
