import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { canConnect, findFreePort } from '../kit/ports.ts'
import { dieTogether, makeDirectory } from '../kit/server-process.ts'
import { readText } from './files.ts'

const NAME = 'auth.example.com'
const PLACES = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']

/** Why the proxy cannot be run here, or `false`. */
export const NO_NGINX: string | false =
  find('nginx') === null || find('openssl') === null
    ? 'nginx.conf was not run: nginx or openssl is missing. On Debian: apt-get install nginx-light openssl'
    : false

/** An answer that came through the proxy. */
export type ProxyAnswer = {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
}

/** The proxy of deploy/, running. */
export type Proxy = {
  ask(
    path: string,
    options?: { method?: string; headers?: Record<string, string>; json?: unknown },
  ): Promise<ProxyAnswer>
  /** Whether it speaks TLS with whoever calls it by this name. */
  accepts(name: string): Promise<boolean>
  /** Everything it wrote to its logs. */
  readLog(): string
  close(): Promise<void>
}

/**
 * Starts nginx on a free port of loopback with deploy/nginx.conf as it is, but for addresses, directories and `extra`
 * lines of its `http` block.
 */
export async function startProxy(
  upstreams: readonly number[],
  { extra = '' }: { extra?: string } = {},
): Promise<Proxy> {
  const directory = makeDirectory()
  const port = await findFreePort()
  const certificate = makeCertificate(directory)
  const path = join(directory, 'nginx.conf')
  writeFileSync(path, adapt(readText('deploy/nginx.conf'), { port, upstreams, directory, extra }))
  const log = join(directory, 'nginx.log')
  const output = openSync(log, 'a')
  const user = process.getuid?.() === 0 ? ' user root;' : ''
  const child = spawn(find('nginx') ?? 'nginx', ['-p', directory, '-c', path, '-g', `daemon off;${user}`], {
    stdio: ['ignore', output, output],
  })
  closeSync(output)
  dieTogether(child)
  const ended = once(child, 'exit')
  while (!(await canConnect(port))) {
    if (child.exitCode !== null) throw new Error(`nginx ended: ${readFileSync(log, 'utf8')}`)
    await sleep(20)
  }
  return {
    ask: (target, options) => ask({ port, certificate, target, ...options }),
    accepts: (name) => accepts(port, name),
    readLog: () => readFileSync(log, 'utf8'),
    async close() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

function find(program: string): string | null {
  return PLACES.map((place) => join(place, program)).find((path) => existsSync(path)) ?? null
}

function adapt(
  text: string,
  {
    port,
    upstreams,
    directory,
    extra,
  }: { port: number; upstreams: readonly number[]; directory: string; extra: string },
): string {
  return text
    .replaceAll(/server 172\.30\.99\.1(\d):8000/g, (_, place) => `server 127.0.0.1:${upstreams[Number(place) - 1]}`)
    .replaceAll('listen 8443', `listen 127.0.0.1:${port}`)
    .replaceAll(/\/etc\/nginx\/certificates\/|\/tmp\//g, `${directory}/`)
    .replace('http {', `http {\n${extra}`)
}

function makeCertificate(directory: string): string {
  const [key, path] = [join(directory, 'privkey.pem'), join(directory, 'fullchain.pem')]
  const subject = ['-subj', `/CN=${NAME}`, '-addext', `subjectAltName=DNS:${NAME}`]
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const { status, stderr } = spawnSync('openssl', ['req', '-x509', ...curve, ...subject, '-keyout', key, '-out', path])
  if (status !== 0) throw new Error(String(stderr))
  return readFileSync(path, 'utf8')
}

async function ask({
  port,
  certificate,
  target,
  method = 'GET',
  headers = {},
  json,
}: {
  port: number
  certificate: string
  target: string
  method?: string
  headers?: Record<string, string>
  json?: unknown
}): Promise<ProxyAnswer> {
  const body = json === undefined ? '' : JSON.stringify(json)
  // With its length, as Node else sends a DELETE's body without one, which is then no body.
  const described = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }
  const outgoing = request({
    host: '127.0.0.1',
    port,
    path: target,
    method,
    ca: certificate,
    servername: NAME,
    agent: false,
    headers: { host: NAME, ...(json === undefined ? {} : described), ...headers },
  })
  outgoing.end(body)
  const [incoming] = await once(outgoing, 'response')
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk)
  return { status: incoming.statusCode, headers: incoming.headers, text: Buffer.concat(chunks).toString() }
}

async function accepts(port: number, servername: string): Promise<boolean> {
  const outgoing = request({ host: '127.0.0.1', port, servername, rejectUnauthorized: false, agent: false })
  outgoing.end()
  try {
    await once(outgoing, 'response')
    return true
  } catch {
    return false
  } finally {
    outgoing.destroy()
  }
}
