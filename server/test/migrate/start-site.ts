import { type Nginx, startNginx } from '../kit/nginx.ts'
import { PAGE_URL } from './page.ts'

/** A real nginx in front of an old back end, with what a page puts into its `server` block. */
export type Site = Pick<Nginx, 'stop'> & { readonly url: string }

export async function startSite(location: string, { latchkey, old }: { latchkey: string; old: string }): Promise<Site> {
  const own = location.replaceAll(PAGE_URL, latchkey)
  const { port, stop } = await startNginx(
    (port) => `events {} http { server { listen 127.0.0.1:${port}; ${own} location / { proxy_pass ${old}; } } }`,
  )
  return { url: `http://127.0.0.1:${port}`, stop }
}
