import { type ClientEvent, type ClientOptions, createSimpleJwtClient, type SimpleJwtClient } from '../../src/index.ts'
import { type WatchedFetch, watchFetch } from './watched-fetch.ts'

/** A client with everything that it sent and told. */
export function openClient(
  url: string,
  options: Partial<ClientOptions>,
): WatchedFetch & { readonly client: SimpleJwtClient; readonly events: readonly ClientEvent[] } {
  const watched = watchFetch()
  const events: ClientEvent[] = []
  // A busy machine is no reason to give up.
  const client = createSimpleJwtClient({ url, fetch: watched.fetch, timeout: 300_000, ...options })
  client.subscribe((event) => events.push(event))
  return { client, events, ...watched }
}
